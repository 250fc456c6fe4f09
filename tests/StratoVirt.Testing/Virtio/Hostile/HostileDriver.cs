using System.Diagnostics;
using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>
/// Drives a device step by step, with sense and without, and insists on what must hold whatever a driver does: each
/// request is answered at most once, and once where it must be; nothing is written beside what the driver gave or after
/// it was taken back; no step takes long; the device serves, or asks for a reset and says why; and a start by the
/// specification gives a device that answers. The same steps are the same run: one thread does everything.
/// </summary>
public sealed partial class HostileDriver : IDisposable
{
    /// <summary>Memory where no descriptor of ours points, far from all other, so that none points there by accident.</summary>
    public const ulong CanaryAddress = 0x3C3C_0000_0000;

    // Far above any answer a device owes after one step, and far below for ever.
    private const int MostTurns = 20_000;

    private const int CanaryLength = 64 << 10;
    private const byte CanaryByte = 0xC3;
    private const ulong HeapLength = 4 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DeviceSubject _subject;
    private readonly bool _isPci;
    private readonly TestGuestMemory _memory;
    private readonly IoThread _thread;
    private readonly RetiredMemory _retired;
    private readonly Stack<RequestPlan> _plans = new();
    private VirtioSeat _seat;
    private QueueBook[] _books;
    private Exception? _fault;
    private bool _isStarted;
    private bool _isClean;
    private bool _asked;

    /// <summary>Puts a device of a kind behind a transport.</summary>
    public HostileDriver(DeviceSubject subject, bool isPci)
    {
        ArgumentNullException.ThrowIfNull(subject);
        _subject = subject;
        _isPci = isPci;
        GuestRange[] ranges =
        [
            new(new GuestAddress(TestGuestMemory.DefaultStart), HeapLength),
            new(new GuestAddress(DeviceSubject.Pages), DeviceSubject.PageLength),
            new(new GuestAddress(CanaryAddress), CanaryLength),
        ];
        _memory = subject.NeedsSharedMemory ? TestGuestMemory.CreateShared(ranges) : new TestGuestMemory(ranges);
        _memory.Span(new GuestAddress(CanaryAddress), CanaryLength).Fill(CanaryByte);
        _retired = new RetiredMemory(_memory);
        _thread = IoThread.CreateStepped("hostile", fault => _fault ??= fault);
        (_seat, _books) = Plug();
    }

    /// <summary>The longest a step has taken.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>Requests that were answered and judged.</summary>
    public long Judged { get; private set; }

    /// <summary>Times the device was found asking for a reset.</summary>
    public long Resets { get; private set; }

    /// <summary>Plays a whole run, with the last start that every run must allow.</summary>
    /// <exception cref="HostileFindingException">The device did what it must not.</exception>
    /// <returns>How many answers were judged, and how often a reset was asked for.</returns>
    public static (long Judged, long Resets) Play(Func<DeviceSubject> make, bool isPci, IReadOnlyList<DriverStep> steps)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(steps);
        using DeviceSubject subject = make();
        using HostileDriver driver = new(subject, isPci);
        foreach (DriverStep step in steps)
        {
            driver.Do(step);
        }

        driver.End();
        return (driver.Judged, driver.Resets);
    }

    /// <summary>Makes one step.</summary>
    /// <exception cref="HostileFindingException">The device did what it must not.</exception>
    public void Do(DriverStep step)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            Move(step);
        }
        catch (Exception failure) when (failure is not HostileFindingException)
        {
            throw new HostileFindingException($"{step} ended with {failure.GetType().Name}: {failure.Message}", failure);
        }

        TimeSpan taken = Stopwatch.GetElapsedTime(began);
        Slowest = taken > Slowest ? taken : Slowest;
        Require(taken < Patience, $"{step} took {taken.TotalSeconds:0} s");
        CheckHealth();
    }

    /// <summary>Whatever went before, a start by the specification gives a device that answers.</summary>
    /// <exception cref="HostileFindingException">It does not.</exception>
    public void End()
    {
        Choices choices = new(1);
        _seat.Device.Resume();
        Start(ulong.MaxValue, 16);
        Require(_subject.HasEnded || _seat.Device.Fault is null, $"a device that was just started says: {_seat.Device.Fault}");
        if (_subject.ProbeQueue is var queue and >= 0)
        {
            RequestPlan plan = NewPlan(sane: true);
            for (int tries = 0; !_subject.TryCompose(queue, _seat.Features, plan, ref choices); tries++)
            {
                Require(tries < 1000, "there is nothing to ask of the device");
            }

            Send(queue, plan, isIndirect: false);
            _seat.Kick(queue);
            for (int rounds = 0; _books[queue].Outstanding.Count > 0; rounds++)
            {
                Require(rounds < 16, "a device that was just started does not answer");
                Settle();
            }
        }

        Unplug();
        CheckMemory();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _seat.Dispose();
        _thread.Dispose();
        _memory.Dispose();
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new HostileFindingException(otherwise);
        }
    }

    private (VirtioSeat Seat, QueueBook[] Books) Plug()
    {
        VirtioDevice device = _subject.Make(_thread, _memory);
        return (
            _isPci ? new PciSeat(device, _memory) : new MmioSeat(device, _memory),
            [.. device.QueueSizes.Select(_ => new QueueBook())]);
    }

    // The device is taken out: whatever it had of the guest's it has no more.
    private void Unplug()
    {
        _seat.Dispose();
        ForgetAll();
        Pump();
    }

    private void Start(ulong wanted, ushort queueSize)
    {
        _seat.Reset();
        ForgetAll();
        _subject.Settle();
        Pump();
        CheckMemory();
        _retired.Clear();
        _memory.Clear();
        _seat.Start(wanted | _subject.NeededFeatures, queueSize);
        _subject.Begin(_seat.Features);
        _isStarted = true;
        _isClean = true;
        _astray = 0;
        foreach (QueueBook book in _books)
        {
            book.IsTrusted = true;
        }
    }

    private void ForgetAll()
    {
        for (int queue = 0; queue < _books.Length; queue++)
        {
            Forget(queue);
        }

        _subject.Forget();
        _isStarted = false;
    }

    private void Forget(int queue)
    {
        QueueBook book = _books[queue];
        foreach (RequestPlan plan in book.Outstanding.Values)
        {
            _subject.Drop(plan);
            if (_isClean)
            {
                _retired.Add(plan);
            }

            _plans.Push(plan);
        }

        book.Outstanding.Clear();
        book.IsTrusted = false;
    }

    // What the driver does next breaks a rule: from here on only what holds for any driver is asked for.
    private void GoAstray()
    {
        _isClean = false;
        foreach (QueueBook book in _books)
        {
            book.IsTrusted = false;
        }
    }

    private void Pump()
    {
        int turns = 0;
        while (_thread.Turn() > 0)
        {
            Require(++turns < MostTurns, "the device's thread never comes to rest");
        }
    }

    private void CheckHealth()
    {
        if (_fault is not null)
        {
            throw new HostileFindingException($"{_fault.GetType().Name} came out of a handler: {_fault.Message}", _fault);
        }

        string? fault = _seat.Device.Fault;
        Require(fault is null || !fault.StartsWith("serving queue", StringComparison.Ordinal), fault ?? string.Empty);
        if (_subject.FindFault() is { } problem)
        {
            throw new HostileFindingException(problem);
        }

        VirtioStatus status = _seat.Transport.Status;
        if (status.HasFlag(VirtioStatus.DriverOk))
        {
            bool asks = status.HasFlag(VirtioStatus.NeedsReset);
            Resets += asks && !_asked ? 1 : 0;
            _asked = asks;
            Require(asks == fault is not null, asks ? "the device asks for a reset and says not why" : $"the device does not ask for a reset, though: {fault}");
        }
    }

    private void CheckMemory()
    {
        Require(
            !_memory.Span(new GuestAddress(CanaryAddress), CanaryLength).ContainsAnyExcept(CanaryByte),
            "memory was written that no driver ever gave");
        if (_isClean)
        {
            Require(_memory.FirstDamage is null, $"memory beside a buffer was written, at {_memory.FirstDamage}");
            Require(_retired.FindDamage() is null, $"memory was written after it was taken back: {_retired.FindDamage()}");
        }
    }

    private RequestPlan NewPlan(bool sane) => (_plans.TryPop(out RequestPlan? plan) ? plan : new RequestPlan()).Begin(sane);
}
