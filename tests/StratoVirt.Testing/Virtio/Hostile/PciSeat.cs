using System.Runtime.InteropServices;
using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Pci;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Devices.Virtio.Transport;

namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>A device behind PCI: configuration space, base address register, MSI-X.</summary>
public sealed class PciSeat : VirtioSeat
{
    private const int Slot = 3;
    private const ulong Ecam = 0xE000_0000;
    private const ulong LowWindow = 0xD000_0000;
    private const ulong HighWindow = 0x80_0000_0000;
    private const ulong WindowLength = 0x1000_0000;
    private const ulong Place = HighWindow + 0x10_0000;
    private const int BarBytes = 0x1_0000;

    private readonly IoBus _bus = IoBus.ForMemory();
    private readonly PciRoot _root;
    private readonly RecordingMsiRouter _router = new();
    private readonly VirtioPci _transport;
    private readonly VirtioPciDriver _driver;
    private bool _isGone;

    /// <summary>Puts a device in.</summary>
    public PciSeat(VirtioDevice device, TestGuestMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _root = new PciRoot(new IoBusBarMapper(_bus, [new BarWindow(LowWindow, WindowLength), new BarWindow(HighWindow, WindowLength)]));
        _bus.Add(Ecam, PciRoot.EcamLengthPerBus, "ECAM", _root.Ecam);
        _transport = new VirtioPci(device, memory.Memory, _router);
        _root.Plug(Slot, _transport.Function);
        _driver = new VirtioPciDriver(new PciFunctionDriver(_root.Ecam, _bus, Slot), memory);
    }

    /// <inheritdoc/>
    public override VirtioTransport Transport => _transport;

    /// <inheritdoc/>
    public override IReadOnlyList<DriverQueue?> Queues => _driver.Queues;

    /// <inheritdoc/>
    public override ulong Features => _driver.Features;

    /// <summary>The status as the device has it: the driver may have lost its way to the register.</summary>
    public override VirtioStatus Status
    {
        get => _transport.Status;
        set => _driver.Status = value;
    }

    // A driver that has moved or hidden the registers cannot use them until it has placed them anew.
    private bool IsReachable => _transport.NotifyAddress == Place + 0x3000;

    /// <inheritdoc/>
    public override void Start(ulong wanted, ushort queueSize) => _driver.Start(Place, wanted, queueSize);

    /// <inheritdoc/>
    public override void StartBadly(TestGuestMemory memory, ref Choices choices)
    {
        _driver.Probe(Place);
        _driver.Reset();
        _driver.Status = choices.Once(4) ? (VirtioStatus)choices.Next() : VirtioStatus.Acknowledge | VirtioStatus.Driver;
        if (!choices.Once(4))
        {
            _driver.Negotiate(_driver.ReadOffered() & choices.Next() | (choices.Once(2) ? VirtioFeatures.Version1 : 1UL << choices.Below(64)));
        }

        if (choices.Once(2))
        {
            _driver.EnableInterrupts();
        }

        for (int queue = 0; _driver.ReadQueueSize(queue) != 0; queue++)
        {
            if (choices.Once(3))
            {
                continue;
            }

            VirtqueueSetup setup = DriverQueue.Create(memory, 4, VirtqueueOptions.None, queue).Setup;
            _driver.Describe(choices.Once(2) ? Misplace(setup, memory, ref choices) : setup);
            _driver.Write(VirtioPciRegister.QueueEnable, choices.Once(4) ? (ushort)choices.Word(1) : (ushort)1);
        }

        _driver.Status |= VirtioStatus.DriverOk;
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        if (IsReachable)
        {
            _driver.Reset();
        }
        else
        {
            ResetMachine();
        }
    }

    /// <inheritdoc/>
    public override void ResetQueue(int queue, ushort size)
    {
        if (IsReachable)
        {
            _driver.ResetQueue(queue);
            _driver.Enable(queue, size);
        }
    }

    /// <inheritdoc/>
    public override void Kick(int queue)
    {
        if (_driver.Queues[queue]!.Kick())
        {
            Notify(queue);
        }
    }

    // Where the kernel would listen: the address alone says which queue.
    /// <inheritdoc/>
    public override void Notify(int queue) =>
        _bus.Write(Place + 0x3000 + (4 * (ulong)queue), MemoryMarshal.AsBytes([(ushort)queue]));

    /// <inheritdoc/>
    public override void TakeInterrupt()
    {
        Span<byte> one = stackalloc byte[1];
        _bus.Read(Place + 0x1000, one);
    }

    /// <inheritdoc/>
    public override void WriteAnywhere(ref Choices choices)
    {
        int width = Width(ref choices);
        Span<byte> data = stackalloc byte[8];
        switch (choices.Below(4))
        {
            case 0:
                // Configuration space, the base address register and message control above all.
                ulong at = choices.Once(2) ? (ulong)choices.Below(0x100) : choices.Once(2) ? 0x10UL : 0x04UL;
                BitConverter.TryWriteBytes(data, choices.Word(choices.Once(2) ? LowWindow : Place));
                _bus.Write(Ecam + ((ulong)Slot << 15) + at, data[..width]);
                break;
            case 1:
                // The MSI-X table and what is behind it.
                BitConverter.TryWriteBytes(data, choices.Word(0xFEE0_0000));
                _bus.Write(Place + 0x4000 + ((ulong)choices.Below(0x100) << 2), data[..width]);
                break;
            case 2:
                BitConverter.TryWriteBytes(data, choices.Word(TestGuestMemory.DefaultStart));
                _bus.Write(Place + (ulong)choices.Below(BarBytes), data[..width]);
                break;
            default:
                BitConverter.TryWriteBytes(data, choices.Word(TestGuestMemory.DefaultStart));
                _bus.Write(Place + ((ulong)choices.Below(0x20) << 1), data[..width]);
                break;
        }
    }

    /// <inheritdoc/>
    public override void ReadAnywhere(ref Choices choices)
    {
        Span<byte> data = stackalloc byte[8];
        int width = Width(ref choices);
        if (choices.Once(3))
        {
            _bus.Read(Ecam + ((ulong)Slot << 15) + (ulong)choices.Below(0x1000 - width), data[..width]);
        }
        else
        {
            _bus.Read(Place + (ulong)choices.Below(BarBytes - width), data[..width]);
        }
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(ref Choices choices)
    {
        Span<byte> data = stackalloc byte[8];
        int width = Width(ref choices);
        ulong offset = choices.Once(4) ? (ulong)choices.Below(0x1000 - width) : (ulong)choices.Below(72);
        BitConverter.TryWriteBytes(data, choices.Word(1));
        _bus.Write(Place + 0x2000 + offset, data[..width]);
    }

    /// <inheritdoc/>
    public override void ResetMachine() => _root.Reset();

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_isGone)
        {
            return;
        }

        _isGone = true;
        _root.Unplug(Slot);
        _transport.Dispose();

        // A vCPU that read the map before the device left.
        Span<byte> late = stackalloc byte[4];
        for (ulong offset = 0; offset < BarBytes; offset += 0x1000)
        {
            _transport.Write(offset + 0x14, late);
            _transport.Read(offset, late);
        }

        if (_router.InUse != 0)
        {
            throw new HostileFindingException($"A device that is gone keeps {_router.InUse} interrupt routes.");
        }
    }
}
