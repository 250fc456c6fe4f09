using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;

namespace StratoVirt.Fuzz.Virtio;

/// <summary>A virtqueue from its set-up to its reset, with what each side must see.</summary>
internal sealed class QueueLife
{
    private const int BufferLength = 16;
    private const int MostBuffers = 4;

    private readonly QueuePair _pair;
    private readonly Queue<Request> _added = new();
    private readonly Queue<Request> _available = new();
    private readonly List<DescriptorChain> _taken = [];
    private readonly Queue<Request> _completed = new();
    private readonly Queue<Request> _published = new();
    private readonly Stack<DriverBuffer[]> _buffers = new();
    private DescriptorChain? _last;
    private uint _number;

    public QueueLife(QueuePair pair)
    {
        _pair = pair;
        for (int i = 0; i < pair.Driver.Size; i++)
        {
            _buffers.Push([.. Enumerable.Range(0, MostBuffers).Select(_ => pair.Memory.Writable(BufferLength))]);
        }
    }

    /// <summary>Whether the driver has kept to the rules so far.</summary>
    public bool IsHonest { get; private set; } = true;

    /// <summary>Whether the device has stopped at a fault.</summary>
    public bool IsBroken => _pair.Device.Fault != VirtqueueFault.None;

    public void Add(ref Decisions decisions)
    {
        if (!IsHonest)
        {
            AddAnything(ref decisions);
            return;
        }

        int shape = decisions.Next();
        int count = 1 + (shape & 3), readable = (shape >> 2) & 3;
        bool indirect = (shape & 16) != 0 && (_pair.Driver.Options & VirtqueueOptions.Indirect) != 0 && count <= _pair.Driver.Size;
        if ((indirect ? 1 : count) > _pair.Driver.FreeDescriptors)
        {
            return;
        }

        DriverBuffer[] buffers = _buffers.Pop();
        for (int i = 0; i < count; i++)
        {
            buffers[i] = buffers[i] with { IsWritable = i >= readable };
            _pair.Memory.Ref<uint>(buffers[i].Address) = ++_number;
        }

        _added.Enqueue(new Request(_pair.Driver.Add(buffers.AsSpan(0, count), indirect), buffers, count, _number));
    }

    public void Kick()
    {
        _pair.Driver.Kick();
        while (_added.TryDequeue(out Request request))
        {
            _available.Enqueue(request);
        }
    }

    public void Take()
    {
        if (!_pair.Device.TryPop(out DescriptorChain? chain))
        {
            Require(!IsHonest || (_available.Count == 0 && _pair.Device.Fault == VirtqueueFault.None), "a request was not taken");
            return;
        }

        Require(_pair.Device.InFlight <= _pair.Device.Size, "too many requests are in flight");
        RequireInMemory(chain.Readable);
        RequireInMemory(chain.Writable);
        if (IsHonest)
        {
            Request request = _available.Dequeue();
            Require(chain.Readable.Length + chain.Writable.Length == request.Count, "a request has other buffers");
            for (int i = 0; i < chain.Readable.Length; i++)
            {
                Require(
                    chain.TryRead((uint)(i * BufferLength), out uint number) && number == request.Number - request.Count + 1 + i,
                    "a request has other bytes");
            }

            chain.Request = request;
        }

        _taken.Add(chain);
        _last = chain;
    }

    public void Return()
    {
        if (_last is null)
        {
            return;
        }

        _pair.Device.Return(_last);
        _taken.Remove(_last);
        if (IsHonest)
        {
            Request request = (Request)_last.Request!;
            for (int i = _available.Count; i > 0; i--)
            {
                _available.Enqueue(_available.Dequeue());
            }

            _available.Enqueue(request);
            for (int i = _available.Count - 1; i > 0; i--)
            {
                _available.Enqueue(_available.Dequeue());
            }
        }

        _last = null;
    }

    public void Complete(int which)
    {
        if (_taken.Count == 0)
        {
            return;
        }

        DescriptorChain chain = _taken[which % _taken.Count];
        _taken.Remove(chain);
        _last = null;
        for (int i = 0; i < chain.Writable.Length; i++)
        {
            chain.TryWrite((uint)(i * BufferLength), ~_number);
        }

        if (IsHonest)
        {
            Request request = (Request)chain.Request! with { Written = chain.WritableLength, Answer = ~_number };
            _completed.Enqueue(request);
        }

        _pair.Device.Complete(chain, chain.WritableLength);
    }

    public void Publish()
    {
        _pair.Device.Publish();
        while (_completed.TryDequeue(out Request request))
        {
            _published.Enqueue(request);
        }
    }

    public void Collect()
    {
        if (!IsHonest)
        {
            return;
        }

        bool collected = _pair.Driver.TryCollect(out UsedElement used);
        Require(collected == _published.TryDequeue(out Request request), "a completion was lost or made up");
        if (!collected)
        {
            return;
        }

        Require(used == new UsedElement(request.Id, request.Written), "another request was completed");
        for (int i = 0; i < request.Count; i++)
        {
            uint expected = request.Buffers[i].IsWritable ? request.Answer : (uint)(request.Number - request.Count + 1 + i);
            Require(_pair.Memory.Ref<uint>(request.Buffers[i].Address) == expected, "a buffer holds other bytes");
        }

        _buffers.Push(request.Buffers);
    }

    public void ToggleNotifications(int choice)
    {
        switch (choice & 3)
        {
            case 0:
                _pair.Device.SuppressNotifications();
                break;
            case 1:
                Require(_pair.Device.AllowNotifications() == (_available.Count > 0) || !IsHonest, "a request was overlooked");
                break;
            case 2:
                _pair.Driver.DisableInterrupts();
                break;
            default:
                _pair.Driver.EnableInterrupts((ushort)((choice >> 2) % _pair.Driver.Size));
                break;
        }
    }

    public void SaveAndRestore()
    {
        if (_taken.Count == 0 && _completed.Count == 0 && IsHonest)
        {
            _pair.SaveAndRestore();
            _last = null;
        }
    }

    /// <summary>The driver writes anything over its rings, and is not asked for sense again until the reset.</summary>
    public void Scribble(ref Decisions decisions)
    {
        IsHonest = false;
        Span<byte> area = decisions.Below(3) switch
        {
            0 => _pair.Driver.DriverArea,
            1 => _pair.Driver.DeviceArea,
            _ => _pair.Driver.DescriptorArea,
        };
        int at = decisions.Next() * area.Length >> 8 & ~1;
        BitConverter.TryWriteBytes(area[at..], decisions.Word(TestGuestMemory.DefaultStart));
    }

    public void End() => Require(!IsHonest || _pair.Memory.FirstDamage is null, "memory beside a buffer was written");

    // Chains whose form is right and whose buffers are anywhere, between bytes written over the rings.
    private void AddAnything(ref Decisions decisions)
    {
        Scribble(ref decisions);
        Span<DriverBuffer> buffers = stackalloc DriverBuffer[1 + decisions.Below(MostBuffers)];
        if (buffers.Length > _pair.Driver.FreeDescriptors)
        {
            return;
        }

        ulong seam = _pair.Memory.End.Value - (ulong)decisions.Next();
        for (int i = 0; i < buffers.Length; i++)
        {
            int choice = decisions.Next();
            buffers[i] = new DriverBuffer(
                new GuestAddress((choice & 7) == 0 ? decisions.Word(seam) : seam),
                (choice & 56) == 0 ? (uint)decisions.Word(uint.MaxValue) : (uint)(choice >> 3),
                i >= (buffers.Length >> 1) ^ (choice & 31) == 31);
        }

        _pair.Driver.Add(buffers, (_pair.Driver.Options & VirtqueueOptions.Indirect) != 0 && buffers.Length <= _pair.Driver.Size);
        _pair.Driver.Kick();
    }

    private void RequireInMemory(ReadOnlySpan<GuestBuffer> buffers)
    {
        GuestMemoryRegion region = _pair.Memory.Memory.Regions[0];
        foreach (GuestBuffer buffer in buffers)
        {
            Require(
                buffer.HostAddress >= region.HostAddress
                && (ulong)(buffer.HostAddress - region.HostAddress) + (ulong)buffer.Length <= region.Range.Length,
                "a buffer lies outside memory");
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"The virtqueue is wrong: {otherwise}.");
        }
    }

    private readonly record struct Request(ushort Id, DriverBuffer[] Buffers, int Count, uint Number)
    {
        public uint Written { get; init; }

        public uint Answer { get; init; }
    }
}
