using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Devices.Virtio.Transport;

namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>A device behind virtio-mmio.</summary>
public sealed class MmioSeat : VirtioSeat
{
    private readonly VirtioMmio _transport;
    private readonly VirtioMmioDriver _driver;

    /// <summary>Puts a device in.</summary>
    public MmioSeat(VirtioDevice device, TestGuestMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _transport = new VirtioMmio(device, memory.Memory, new RecordingInterruptLine());
        _driver = new VirtioMmioDriver(_transport, memory);
    }

    /// <inheritdoc/>
    public override VirtioTransport Transport => _transport;

    /// <inheritdoc/>
    public override IReadOnlyList<DriverQueue?> Queues => _driver.Queues;

    /// <inheritdoc/>
    public override ulong Features => _driver.Features;

    /// <inheritdoc/>
    public override VirtioStatus Status
    {
        get => _driver.Status;
        set => _driver.Status = value;
    }

    /// <inheritdoc/>
    public override void Start(ulong wanted, ushort queueSize) => _driver.Start(wanted, queueSize);

    /// <inheritdoc/>
    public override void StartBadly(TestGuestMemory memory, ref Choices choices)
    {
        _driver.Reset();
        _driver.Status = choices.Once(4) ? (VirtioStatus)choices.Next() : VirtioStatus.Acknowledge | VirtioStatus.Driver;
        if (!choices.Once(4))
        {
            _driver.Negotiate(_driver.ReadOffered() & choices.Next() | (choices.Once(2) ? VirtioFeatures.Version1 : 1UL << choices.Below(64)));
        }

        for (int queue = 0; _driver.ReadQueueSizeMax(queue) != 0; queue++)
        {
            if (choices.Once(3))
            {
                continue;
            }

            VirtqueueSetup setup = DriverQueue.Create(memory, 4, VirtqueueOptions.None, queue).Setup;
            _driver.Describe(choices.Once(2) ? Misplace(setup, memory, ref choices) : setup);
            _driver.Write32(VirtioMmioDriver.Register.QueueReady, choices.Once(4) ? (uint)choices.Word(1) : 1);
        }

        _driver.Status |= VirtioStatus.DriverOk;
    }

    /// <inheritdoc/>
    public override void Reset() => _driver.Reset();

    /// <inheritdoc/>
    public override void ResetQueue(int queue, ushort size)
    {
        _driver.ResetQueue(queue);
        _driver.Enable(queue, size);
    }

    /// <inheritdoc/>
    public override void Kick(int queue) => _driver.Kick(queue);

    /// <inheritdoc/>
    public override void Notify(int queue) => _driver.Notify(queue);

    /// <inheritdoc/>
    public override void TakeInterrupt() => _driver.TakeInterrupt();

    /// <inheritdoc/>
    public override void WriteAnywhere(ref Choices choices)
    {
        ulong offset = choices.Once(4) ? (ulong)choices.Below(0x1000) : (ulong)choices.Below(0x40) << 2;
        Write(offset, choices.Once(6) ? Width(ref choices) : sizeof(uint), choices.Word(TestGuestMemory.DefaultStart));
    }

    /// <inheritdoc/>
    public override void ReadAnywhere(ref Choices choices)
    {
        Span<byte> data = stackalloc byte[8];
        int width = Width(ref choices);
        _driver.Read((ulong)choices.Below(0x1001 - width), data[..width]);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(ref Choices choices)
    {
        int width = Width(ref choices);
        ulong offset = choices.Once(4) ? (ulong)choices.Below(0xF00 - width) : (ulong)choices.Below(72);
        Write(0x100 + offset, width, choices.Word(1));
    }

    /// <inheritdoc/>
    public override void ResetMachine() => _transport.Reset();

    /// <inheritdoc/>
    public override void Dispose() => _transport.Dispose();

    private void Write(ulong offset, int width, ulong value)
    {
        Span<byte> data = stackalloc byte[8];
        BitConverter.TryWriteBytes(data, value);
        _driver.Write(offset, data[..width]);
    }
}
