using System.Runtime.InteropServices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Devices.Virtio.Transport;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio;

/// <summary>
/// Drives a virtio-mmio device through its registers as Linux does (virtio 1.3 §3.1.1, §4.2.3). <see cref="Start"/> is
/// the whole way; each step is there alone for tests that go wrong on purpose.
/// </summary>
public sealed class VirtioMmioDriver
{
    private readonly VirtioMmio _device;
    private readonly TestGuestMemory _memory;

    /// <summary>Makes a driver that has not touched the device yet.</summary>
    public VirtioMmioDriver(VirtioMmio device, TestGuestMemory memory)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(memory);
        _device = device;
        _memory = memory;
    }

    /// <summary>The driver's ends of the queues, by number; null for those not enabled.</summary>
    public IReadOnlyList<DriverQueue?> Queues { get; private set; } = [];

    /// <summary>Features both sides accepted.</summary>
    public ulong Features { get; private set; }

    /// <summary>The status register.</summary>
    public VirtioStatus Status
    {
        get => (VirtioStatus)Read32(Register.Status);
        set => Write32(Register.Status, (uint)value);
    }

    /// <summary>Resets, negotiates, sets up every queue, and sets DRIVER_OK.</summary>
    /// <param name="wanted">Features accepted when offered; VERSION_1 always is.</param>
    /// <param name="queueSize">Entries of each queue; null: as many as the device allows.</param>
    /// <exception cref="InvalidOperationException">The device is not there or refuses.</exception>
    public void Start(ulong wanted = ulong.MaxValue, ushort? queueSize = null)
    {
        if (Read32(Register.Magic) != 0x7472_6976 || Read32(Register.Version) != 2 || Read32(Register.DeviceId) == 0)
        {
            throw new InvalidOperationException("There is no virtio-mmio device.");
        }

        Reset();
        Status = VirtioStatus.Acknowledge;
        Status |= VirtioStatus.Driver;
        if (!Negotiate(ReadOffered() & (wanted | VirtioFeatures.Version1)))
        {
            throw new InvalidOperationException("The device refused the features.");
        }

        SetUpQueues(queueSize);
        Status |= VirtioStatus.DriverOk;
    }

    /// <summary>Writes 0 to the status, and waits for it to read so.</summary>
    public void Reset()
    {
        Status = VirtioStatus.None;
        if (Status != VirtioStatus.None)
        {
            throw new InvalidOperationException("The reset did not end.");
        }

        Queues = [];
        Features = 0;
    }

    /// <summary>The features the device offers.</summary>
    public ulong ReadOffered()
    {
        Write32(Register.DeviceFeaturesSelect, 1);
        ulong high = Read32(Register.DeviceFeatures);
        Write32(Register.DeviceFeaturesSelect, 0);
        return (high << 32) | Read32(Register.DeviceFeatures);
    }

    /// <summary>Writes features, offered or not, and FEATURES_OK.</summary>
    /// <returns>Whether the device accepts them.</returns>
    public bool Negotiate(ulong features)
    {
        Write32(Register.DriverFeaturesSelect, 1);
        Write32(Register.DriverFeatures, (uint)(features >> 32));
        Write32(Register.DriverFeaturesSelect, 0);
        Write32(Register.DriverFeatures, (uint)features);
        Features = features;
        Status |= VirtioStatus.FeaturesOk;
        return Status.HasFlag(VirtioStatus.FeaturesOk);
    }

    /// <summary>Makes, describes and enables every queue the device has.</summary>
    public void SetUpQueues(ushort? size = null)
    {
        var queues = new List<DriverQueue?>();
        while (ReadQueueSizeMax(queues.Count) is var most and not 0)
        {
            queues.Add(DriverQueue.Create(_memory, Math.Min(size ?? most, most), QueueOptions, queues.Count));
            Describe(queues[^1]!.Setup);
            Write32(Register.QueueReady, 1);
        }

        Queues = queues;
    }

    /// <summary>The most entries of a queue; 0 when there is no such queue. Selects it.</summary>
    public ushort ReadQueueSizeMax(int queue)
    {
        Write32(Register.QueueSelect, (uint)queue);
        return (ushort)Read32(Register.QueueSizeMax);
    }

    /// <summary>Selects a queue and writes its size and addresses, without enabling it.</summary>
    public void Describe(in VirtqueueSetup setup)
    {
        Write32(Register.QueueSelect, (uint)setup.Index);
        Write32(Register.QueueSize, setup.Size);
        WriteAddress(Register.QueueDescriptor, setup.DescriptorArea);
        WriteAddress(Register.QueueDriver, setup.DriverArea);
        WriteAddress(Register.QueueDevice, setup.DeviceArea);
    }

    /// <summary>Resets one queue and waits for it; it is disabled then.</summary>
    public void ResetQueue(int queue)
    {
        Write32(Register.QueueSelect, (uint)queue);
        Write32(Register.QueueReset, 1);
        if (Read32(Register.QueueReset) != 0 || Read32(Register.QueueReady) != 0)
        {
            throw new InvalidOperationException($"The reset of queue {queue} did not end.");
        }
    }

    /// <summary>Makes a new queue in place of one that was reset, and enables it.</summary>
    public DriverQueue Enable(int queue, ushort? size = null)
    {
        var made = DriverQueue.Create(_memory, size ?? ReadQueueSizeMax(queue), QueueOptions, queue);
        Describe(made.Setup);
        Write32(Register.QueueReady, 1);
        Queues = [.. Queues.Select((old, i) => i == queue ? made : old)];
        return made;
    }

    /// <summary>Writes a queue's number to QueueNotify.</summary>
    public void Notify(int queue) => Write32(Register.QueueNotify, (uint)queue);

    /// <summary>Shows the device what was added to a queue, and notifies if it asked for that.</summary>
    /// <returns>Whether it was notified.</returns>
    public bool Kick(int queue)
    {
        bool wanted = Queues[queue]!.Kick();
        if (wanted)
        {
            Notify(queue);
        }

        return wanted;
    }

    /// <summary>What an interrupt was for, acknowledged: bit 0 used buffers, bit 1 configuration.</summary>
    public uint TakeInterrupt()
    {
        uint causes = Read32(Register.InterruptStatus);
        Write32(Register.InterruptAcknowledge, causes);
        return causes;
    }

    /// <summary>Reads configuration space in accesses of at most 4 bytes, all of one generation.</summary>
    public T ReadConfiguration<T>(int offset)
        where T : unmanaged
    {
        T value = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        uint generation;
        do
        {
            generation = Read32(Register.ConfigurationGeneration);
            for (int done = 0; done < bytes.Length;)
            {
                Span<byte> part = bytes.Slice(done, AccessLength(bytes.Length - done));
                Read((ulong)(Register.Configuration + offset + done), part);
                done += part.Length;
            }
        }
        while (generation != Read32(Register.ConfigurationGeneration));
        return value;
    }

    /// <summary>Writes configuration space in accesses of at most 4 bytes.</summary>
    public void WriteConfiguration<T>(int offset, T value)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));
        for (int done = 0; done < bytes.Length;)
        {
            ReadOnlySpan<byte> part = bytes.Slice(done, AccessLength(bytes.Length - done));
            Write((ulong)(Register.Configuration + offset + done), part);
            done += part.Length;
        }
    }

    /// <summary>Reads a register.</summary>
    public uint Read32(int offset)
    {
        uint value = 0;
        Read((ulong)offset, MemoryMarshal.AsBytes(new Span<uint>(ref value)));
        return value;
    }

    /// <summary>Writes a register.</summary>
    public void Write32(int offset, uint value) => Write((ulong)offset, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    /// <summary>An access as the bus passes it on: zeroed, then filled by the device.</summary>
    public void Read(ulong offset, Span<byte> data)
    {
        data.Clear();
        _device.Read(offset, data);
    }

    /// <summary>An access as the bus passes it on.</summary>
    public void Write(ulong offset, ReadOnlySpan<byte> data) => _device.Write(offset, data);

    private VirtqueueOptions QueueOptions =>
        ((Features & VirtioFeatures.PackedRing) != 0 ? VirtqueueOptions.Packed : 0)
        | ((Features & VirtioFeatures.IndirectDescriptors) != 0 ? VirtqueueOptions.Indirect : 0)
        | ((Features & VirtioFeatures.EventIndex) != 0 ? VirtqueueOptions.EventIndex : 0);

    private void WriteAddress(int register, GuestAddress address)
    {
        Write32(register, (uint)address.Value);
        Write32(register + 4, (uint)(address.Value >> 32));
    }

    private static int AccessLength(int left) => left >= 4 ? 4 : left >= 2 ? 2 : 1;

    /// <summary>Offsets of registers (§4.2.2).</summary>
    public static class Register
    {
        /// <summary>MagicValue.</summary>
        public const int Magic = 0x000;

        /// <summary>Version.</summary>
        public const int Version = 0x004;

        /// <summary>DeviceID.</summary>
        public const int DeviceId = 0x008;

        /// <summary>VendorID.</summary>
        public const int VendorId = 0x00C;

        /// <summary>DeviceFeatures.</summary>
        public const int DeviceFeatures = 0x010;

        /// <summary>DeviceFeaturesSel.</summary>
        public const int DeviceFeaturesSelect = 0x014;

        /// <summary>DriverFeatures.</summary>
        public const int DriverFeatures = 0x020;

        /// <summary>DriverFeaturesSel.</summary>
        public const int DriverFeaturesSelect = 0x024;

        /// <summary>QueueSel.</summary>
        public const int QueueSelect = 0x030;

        /// <summary>QueueSizeMax.</summary>
        public const int QueueSizeMax = 0x034;

        /// <summary>QueueSize.</summary>
        public const int QueueSize = 0x038;

        /// <summary>QueueReady.</summary>
        public const int QueueReady = 0x044;

        /// <summary>QueueNotify.</summary>
        public const int QueueNotify = 0x050;

        /// <summary>InterruptStatus.</summary>
        public const int InterruptStatus = 0x060;

        /// <summary>InterruptACK.</summary>
        public const int InterruptAcknowledge = 0x064;

        /// <summary>Status.</summary>
        public const int Status = 0x070;

        /// <summary>QueueDescLow; the high half follows.</summary>
        public const int QueueDescriptor = 0x080;

        /// <summary>QueueDriverLow; the high half follows.</summary>
        public const int QueueDriver = 0x090;

        /// <summary>QueueDeviceLow; the high half follows.</summary>
        public const int QueueDevice = 0x0A0;

        /// <summary>QueueReset.</summary>
        public const int QueueReset = 0x0C0;

        /// <summary>ConfigGeneration.</summary>
        public const int ConfigurationGeneration = 0x0FC;

        /// <summary>Config.</summary>
        public const int Configuration = 0x100;
    }
}
