using System.Runtime.InteropServices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio.Hostile;

public sealed partial class HostileDriver
{
    // Room for the largest request, and for a queue to be made anew.
    private const long LeastRoom = 256 << 10;
    private const int MostAstray = 48;

    private int _astray;

    private void Move(DriverStep step)
    {
        Choices choices = new(step.Word);
        if (!_isStarted || !_books[0].IsTrusted)
        {
            // What follows a broken rule is worth some steps; then the driver comes to its senses.
            if (++_astray > MostAstray)
            {
                Start(Wanted(ref choices), 8);
            }
        }

        int queue = step.Queue % _books.Length;
        switch (step.Move)
        {
            case DriverMove.Start:
                Start(Wanted(ref choices), choices.Once(16) ? (ushort)128 : (ushort)(1 << choices.Below(5)));
                break;
            case DriverMove.BadStart:
                _seat.Reset();
                ForgetAll();
                GoAstray();
                if (_memory.Left > LeastRoom)
                {
                    _seat.StartBadly(_memory, ref choices);
                }

                break;
            case DriverMove.Turn:
                for (int turns = choices.Below(4); turns >= 0; turns--)
                {
                    _thread.Turn();
                }

                break;
            case DriverMove.HostActs:
                _subject.Act(ref choices);
                break;
            case DriverMove.Settle:
                _seat.Device.Resume();
                Settle();
                CheckAnswered();
                break;
            case DriverMove.WriteConfiguration:
                _seat.WriteConfiguration(ref choices);
                break;
            case DriverMove.ReadAnywhere:
                _seat.ReadAnywhere(ref choices);
                break;
            case DriverMove.WriteRegister:
                GoAstray();
                _seat.WriteAnywhere(ref choices);
                break;
            case DriverMove.Reset:
                _seat.Reset();
                ForgetAll();
                break;
            case DriverMove.MachineReset:
                _seat.ResetMachine();
                ForgetAll();
                break;
            case DriverMove.Pause:
                _seat.Device.Pause();
                break;
            case DriverMove.Resume:
                _seat.Device.Resume();
                break;
            case DriverMove.TakeInterrupt:
                _seat.TakeInterrupt();
                break;
            case DriverMove.Storm:
                for (int i = choices.Below(512); i >= 0; i--)
                {
                    _seat.Notify(i % (_books.Length + 2));
                }

                break;
            case DriverMove.Replug:
                Unplug();
                (_seat, _books) = Plug();
                break;
            default:
                if (queue < _seat.Queues.Count && _seat.Queues[queue] is { } driver && _isStarted)
                {
                    Move(step.Move, driver, ref choices);
                }

                break;
        }
    }

    private void Move(DriverMove move, DriverQueue queue, ref Choices choices)
    {
        switch (move)
        {
            case DriverMove.Add:
                Add(queue, ref choices);
                break;
            case DriverMove.AddGarbage:
                AddGarbage(queue, ref choices);
                break;
            case DriverMove.AddMalformed:
                AddMalformed(queue, ref choices);
                break;
            case DriverMove.Scribble:
                GoAstray();
                Scribble(queue, ref choices);
                break;
            case DriverMove.Kick:
                _seat.Kick(queue.Index);
                break;
            case DriverMove.Collect:
                Collect(queue);
                break;
            case DriverMove.ToggleInterrupts when choices.Once(2):
                queue.DisableInterrupts();
                break;
            case DriverMove.ToggleInterrupts:
                queue.EnableInterrupts((ushort)choices.Below(queue.Size));
                break;
            case DriverMove.ResetQueue when (_seat.Features & VirtioFeatures.QueueReset) != 0
                && _books[queue.Index].IsTrusted && _memory.Left > LeastRoom:
                ResetQueue(queue, ref choices);
                break;
            default:
                break;
        }
    }

    private static ulong Wanted(ref Choices choices) => choices.Below(3) switch
    {
        0 => ulong.MaxValue,
        1 => choices.Next(),

        // Everything of the device, and rings of any kind.
        _ => ~(choices.Next() & (VirtioFeatures.Common & ~VirtioFeatures.Version1)),
    };

    private void Add(DriverQueue queue, ref Choices choices)
    {
        if (_memory.Left < LeastRoom)
        {
            return;
        }

        RequestPlan plan = NewPlan(sane: true);
        if (!_subject.TryCompose(queue.Index, _seat.Features, plan, ref choices))
        {
            _plans.Push(plan);
            return;
        }

        Send(queue.Index, plan, choices.Once(2));
        if (!choices.Once(4))
        {
            _seat.Kick(queue.Index);
        }
    }

    private void AddGarbage(DriverQueue queue, ref Choices choices)
    {
        if (_memory.Left < LeastRoom)
        {
            return;
        }

        _isClean &= !_subject.NonsenseReachesMemory;
        RequestPlan plan = NewPlan(sane: false);
        int readable = choices.Below(3), writable = choices.Below(3);
        for (int i = 0; i < readable + writable; i++)
        {
            int length = choices.Once(4) ? choices.Below(5000) : choices.Below(64);
            DriverBuffer buffer = _memory.Writable(length);
            if (i < readable)
            {
                choices.Fill(_memory.Span(buffer));
            }

            plan.With(buffer with { IsWritable = i >= readable });
        }

        if (plan.Buffers.Count > 0)
        {
            Send(queue.Index, plan, choices.Once(2));
            _seat.Kick(queue.Index);
        }
        else
        {
            _plans.Push(plan);
        }
    }

    // Chains whose form is right and whose buffers no driver may give; the queue takes none of them.
    private void AddMalformed(DriverQueue queue, ref Choices choices)
    {
        if (_memory.Left < LeastRoom)
        {
            return;
        }

        RequestPlan plan = NewPlan(sane: false);
        DriverBuffer whole = _memory.Writable(64);
        bool isIndirect = false;
        switch (choices.Below(5))
        {
            case 0:
                (GuestAddress address, uint length) = choices.Outside(_memory.End);
                plan.With(whole with { IsWritable = false }).With(new DriverBuffer(address, length, choices.Once(2)));
                break;
            case 1:
                plan.With(whole).With(whole with { IsWritable = false });
                break;
            case 2:
                plan.With(whole with { Length = 0 });
                break;
            case 3:
                // Longer than the queue, which only a table can be.
                isIndirect = true;
                for (int i = 0; i <= queue.Size; i++)
                {
                    plan.With(whole with { Length = 1 });
                }

                break;
            default:
                // More than 4 GiB in all; its parts are memory where the guest has that much, and here are not.
                plan.With(whole with { Length = uint.MaxValue }).With(whole);
                break;
        }

        Send(queue.Index, plan, isIndirect || choices.Once(2));
        _seat.Kick(queue.Index);
    }

    private void Send(int index, RequestPlan plan, bool isIndirect)
    {
        DriverQueue queue = _seat.Queues[index]!;
        bool canIndirect = (queue.Options & VirtqueueOptions.Indirect) != 0;

        // No table may be longer than the queue, unless that is the point.
        isIndirect &= canIndirect && (plan.Buffers.Count <= queue.Size || !plan.IsSane);
        int entries = isIndirect ? 1 : plan.Buffers.Count;
        bool fits = entries <= queue.FreeDescriptors;
        ushort id = fits ? queue.Add(CollectionsMarshal.AsSpan(plan.Buffers), isIndirect) : (ushort)0;
        if (fits && _books[index].IsTrusted)
        {
            _books[index].Outstanding.Add(id, plan);
            return;
        }

        // Nobody asks after a request in rings that mean nothing any more.
        _subject.Drop(plan);
        _plans.Push(plan);
    }

    private void Scribble(DriverQueue queue, ref Choices choices)
    {
        Span<byte> word = stackalloc byte[8];
        for (int writes = choices.Below(3); writes >= 0; writes--)
        {
            Span<byte> area = choices.Below(4) switch
            {
                0 => queue.DriverArea,
                1 => queue.DeviceArea,
                _ => queue.DescriptorArea,
            };
            int at = choices.Below(area.Length) & ~1;
            BitConverter.TryWriteBytes(word, choices.Word(choices.Once(2) ? TestGuestMemory.DefaultStart : _memory.End.Value));
            int length = Math.Min(area.Length - at, 2 << choices.Below(3));
            word[..length].CopyTo(area[at..]);
        }

        _seat.Notify(queue.Index);
    }

    private void ResetQueue(DriverQueue queue, ref Choices choices)
    {
        _seat.ResetQueue(queue.Index, (ushort)(1 << choices.Below(5)));
        if (ReferenceEquals(_seat.Queues[queue.Index], queue))
        {
            return;
        }

        Forget(queue.Index);
        if (_isClean)
        {
            _retired.Add(DriverBuffer.Writable(queue.Setup.DeviceArea, (uint)queue.DeviceArea.Length));
            _retired.Add(DriverBuffer.Writable(queue.Setup.DescriptorArea, (uint)queue.DescriptorArea.Length));
        }

        _books[queue.Index].IsTrusted = true;
    }

    private void Collect(DriverQueue queue)
    {
        QueueBook book = _books[queue.Index];
        if (!book.IsTrusted)
        {
            return;
        }

        while (queue.TryCollect(out UsedElement used))
        {
            if (!book.Outstanding.Remove(used.Id, out RequestPlan? plan))
            {
                throw new HostileFindingException($"Request {used.Id} of queue {queue.Index} was answered, which is not under way.");
            }

            long room = 0;
            foreach (DriverBuffer buffer in plan.Buffers)
            {
                room += buffer.IsWritable ? buffer.Length : 0;
            }

            Require(used.Written <= room, $"{used.Written} bytes were written to a request of queue {queue.Index} with room for {room}");
            Judged += plan.IsSane ? 1 : 0;
            if (plan.IsSane && _subject.Judge(queue.Index, plan, used.Written) is { } wrong)
            {
                throw new HostileFindingException($"Queue {queue.Index}: {wrong}.");
            }

            _subject.Drop(plan);
            if (_isClean)
            {
                _retired.Add(plan);
            }

            _plans.Push(plan);
        }
    }

    private void Settle()
    {
        if (!_isStarted)
        {
            Pump();
            return;
        }

        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < _seat.Queues.Count; i++)
            {
                if (_seat.Queues[i] is { } queue)
                {
                    if (_books[i].IsTrusted)
                    {
                        _seat.Kick(i);
                    }

                    Collect(queue);
                }
            }

            _subject.Settle();
            Pump();
        }

        foreach (DriverQueue? queue in _seat.Queues)
        {
            if (queue is not null)
            {
                Collect(queue);
            }
        }
    }

    private void CheckAnswered()
    {
        if (!_isStarted || _seat.Transport.Status.HasFlag(VirtioStatus.NeedsReset))
        {
            return;
        }

        for (int i = 0; i < _books.Length; i++)
        {
            Require(
                !_books[i].IsTrusted || _books[i].Outstanding.Count == 0 || !_subject.MustAnswer(i, _seat.Features),
                $"{_books[i].Outstanding.Count} requests of queue {i} are not answered");
        }
    }
}
