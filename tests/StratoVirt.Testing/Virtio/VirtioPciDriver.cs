using System.Runtime.InteropServices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio;

/// <summary>
/// Drives a virtio PCI device as Linux does (virtio 1.3 §3.1.1, §4.1.5): finds its structures by their capabilities,
/// takes MSI-X in use, negotiates, and sets up queues. <see cref="Start"/> is the whole way; each step is there alone for
/// tests that go wrong on purpose.
/// </summary>
public sealed class VirtioPciDriver
{
    private const byte VendorCapability = 0x09;
    private const ushort NoVector = 0xFFFF;

    private readonly TestGuestMemory _memory;
    private readonly Dictionary<byte, int> _structures = [];
    private ulong _bar;

    /// <summary>Makes a driver that has not touched the device yet.</summary>
    public VirtioPciDriver(PciFunctionDriver function, TestGuestMemory memory)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(memory);
        Function = function;
        _memory = memory;
    }

    /// <summary>The function below.</summary>
    public PciFunctionDriver Function { get; }

    /// <summary>The driver's ends of the queues, by number; null for those not enabled.</summary>
    public IReadOnlyList<DriverQueue?> Queues { get; private set; } = [];

    /// <summary>Features both sides accepted.</summary>
    public ulong Features { get; private set; }

    /// <summary>MSI-X vectors in use; 0 before <see cref="EnableInterrupts"/>. The last is for configuration.</summary>
    public int Vectors { get; private set; }

    /// <summary>Where the common configuration is.</summary>
    public ulong Registers => Locate(1);

    /// <summary>The status register.</summary>
    public VirtioStatus Status
    {
        get => (VirtioStatus)Read<byte>(VirtioPciRegister.Status);
        set => Write(VirtioPciRegister.Status, (byte)value);
    }

    /// <summary>The message a vector gets.</summary>
    public static (ulong Address, uint Data) Message(int vector) => (0xFEE0_0000UL + ((ulong)vector << 12), 0x4030u + (uint)vector);

    /// <summary>Probes, interrupts on, resets, negotiates, sets up every queue, and sets DRIVER_OK.</summary>
    /// <param name="barAddress">Where to place the device.</param>
    /// <param name="wanted">Features accepted when offered; VERSION_1 always is.</param>
    /// <param name="queueSize">Entries of each queue; null: as many as the device allows.</param>
    /// <exception cref="InvalidOperationException">The device is not there or refuses.</exception>
    public void Start(ulong barAddress, ulong wanted = ulong.MaxValue, ushort? queueSize = null)
    {
        Probe(barAddress);
        Reset();
        Status = VirtioStatus.Acknowledge;
        Status |= VirtioStatus.Driver;
        if (!Negotiate(ReadOffered() & (wanted | VirtioFeatures.Version1)))
        {
            throw new InvalidOperationException("The device refused the features.");
        }

        EnableInterrupts();
        SetUpQueues(queueSize);
        Status |= VirtioStatus.DriverOk;
    }

    /// <summary>Places the base address register and finds the structures.</summary>
    /// <exception cref="InvalidOperationException">This is no virtio device, or a structure is missing.</exception>
    public void Probe(ulong barAddress)
    {
        uint id = Function.Read<uint>(0);
        if ((ushort)id != 0x1AF4 || id >> 16 is < 0x1040 or > 0x107F)
        {
            throw new InvalidOperationException("There is no virtio PCI device.");
        }

        ulong length = Function.MeasureBar(0);
        Function.PlaceBar(0, barAddress);
        _bar = barAddress;
        _structures.Clear();
        foreach (int capability in Function.FindCapabilities(VendorCapability))
        {
            byte type = Function.Read<byte>(capability + 3);
            ulong end = Function.Read<uint>(capability + 8) + (ulong)Function.Read<uint>(capability + 12);

            // Where the window (type 5) looks is the driver's to choose, and may be anything from an earlier one.
            if (type != 5 && (Function.Read<byte>(capability + 4) != 0 || end > length))
            {
                throw new InvalidOperationException($"Structure {type} is not in the base address register.");
            }

            _structures.TryAdd(type, capability);
        }

        if (!_structures.ContainsKey(1) || !_structures.ContainsKey(2) || !_structures.ContainsKey(3) || !_structures.ContainsKey(5))
        {
            throw new InvalidOperationException("A structure is missing.");
        }
    }

    /// <summary>Takes MSI-X in use and maps configuration changes to the last vector.</summary>
    public void EnableInterrupts()
    {
        Vectors = Function.EnableMsix(_bar, Message);
        ushort vector = (ushort)(Vectors - 1);
        Write(VirtioPciRegister.ConfigurationVector, vector);
        if (Read<ushort>(VirtioPciRegister.ConfigurationVector) != vector)
        {
            throw new InvalidOperationException("The device did not map its configuration's vector.");
        }
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
        Write(VirtioPciRegister.DeviceFeatureSelect, 1u);
        ulong high = Read<uint>(VirtioPciRegister.DeviceFeature);
        Write(VirtioPciRegister.DeviceFeatureSelect, 0u);
        return (high << 32) | Read<uint>(VirtioPciRegister.DeviceFeature);
    }

    /// <summary>Writes features, offered or not, and FEATURES_OK.</summary>
    /// <returns>Whether the device accepts them.</returns>
    public bool Negotiate(ulong features)
    {
        Write(VirtioPciRegister.DriverFeatureSelect, 0u);
        Write(VirtioPciRegister.DriverFeature, (uint)features);
        Write(VirtioPciRegister.DriverFeatureSelect, 1u);
        Write(VirtioPciRegister.DriverFeature, (uint)(features >> 32));
        Features = features;
        Status |= VirtioStatus.FeaturesOk;
        return Status.HasFlag(VirtioStatus.FeaturesOk);
    }

    /// <summary>Makes, describes and enables every queue the device has, each with a vector of its own.</summary>
    public void SetUpQueues(ushort? size = null)
    {
        var queues = new List<DriverQueue?>();
        int count = Read<ushort>(VirtioPciRegister.QueueCount);
        while (queues.Count < count)
        {
            ushort most = ReadQueueSize(queues.Count);
            queues.Add(DriverQueue.Create(_memory, Math.Min(size ?? most, most), QueueOptions, queues.Count));
            Describe(queues[^1]!.Setup);
            Write(VirtioPciRegister.QueueEnable, (ushort)1);
        }

        Queues = queues;
    }

    /// <summary>Entries of a queue; 0 when there is no such queue. Selects it.</summary>
    public ushort ReadQueueSize(int queue)
    {
        Write(VirtioPciRegister.QueueSelect, (ushort)queue);
        return Read<ushort>(VirtioPciRegister.QueueSize);
    }

    /// <summary>Selects a queue and writes its size, vector and addresses, without enabling it.</summary>
    public void Describe(in VirtqueueSetup setup)
    {
        Write(VirtioPciRegister.QueueSelect, (ushort)setup.Index);
        Write(VirtioPciRegister.QueueSize, setup.Size);
        WriteAddress(VirtioPciRegister.QueueDescriptor, setup.DescriptorArea);
        WriteAddress(VirtioPciRegister.QueueDriver, setup.DriverArea);
        WriteAddress(VirtioPciRegister.QueueDevice, setup.DeviceArea);
        ushort vector = setup.Index < Vectors - 1 ? (ushort)setup.Index : NoVector;
        Write(VirtioPciRegister.QueueVector, vector);
        if (Read<ushort>(VirtioPciRegister.QueueVector) != vector)
        {
            throw new InvalidOperationException($"The device did not map the vector of queue {setup.Index}.");
        }
    }

    /// <summary>Resets one queue and waits for it; it is disabled then.</summary>
    public void ResetQueue(int queue)
    {
        Write(VirtioPciRegister.QueueSelect, (ushort)queue);
        Write(VirtioPciRegister.QueueReset, (ushort)1);
        if (Read<ushort>(VirtioPciRegister.QueueReset) != 0 || Read<ushort>(VirtioPciRegister.QueueEnable) != 0)
        {
            throw new InvalidOperationException($"The reset of queue {queue} did not end.");
        }
    }

    /// <summary>Makes a new queue in place of one that was reset, and enables it.</summary>
    public DriverQueue Enable(int queue, ushort? size = null)
    {
        var made = DriverQueue.Create(_memory, size ?? ReadQueueSize(queue), QueueOptions, queue);
        Describe(made.Setup);
        Write(VirtioPciRegister.QueueEnable, (ushort)1);
        Queues = [.. Queues.Select((old, i) => i == queue ? made : old)];
        return made;
    }

    /// <summary>Where a queue's notifications are written. Selects it.</summary>
    public ulong NotifyAddress(int queue)
    {
        Write(VirtioPciRegister.QueueSelect, (ushort)queue);
        uint multiplier = Function.Read<uint>(_structures[2] + 16);
        return Locate(2) + ((ulong)Read<ushort>(VirtioPciRegister.QueueNotifyOff) * multiplier);
    }

    /// <summary>Writes a queue's number to its address.</summary>
    public void Notify(int queue) => Function.WriteMemory(NotifyAddress(queue), (ushort)queue);

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

    /// <summary>ISR status, which reading clears: bit 0 used buffers, bit 1 configuration.</summary>
    public byte TakeInterrupt() => Function.ReadMemory<byte>(Locate(3));

    /// <summary>Reads configuration space in accesses of at most 4 bytes, all of one generation.</summary>
    public T ReadConfiguration<T>(int offset)
        where T : unmanaged
    {
        T value = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        byte generation;
        do
        {
            generation = Read<byte>(VirtioPciRegister.Generation);
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = Function.ReadMemory<byte>(Locate(4) + (ulong)(offset + i));
            }
        }
        while (generation != Read<byte>(VirtioPciRegister.Generation));
        return value;
    }

    /// <summary>Writes configuration space in one access.</summary>
    public void WriteConfiguration<T>(int offset, T value)
        where T : unmanaged => Function.WriteMemory(Locate(4) + (ulong)offset, value);

    /// <summary>Reads by the window in configuration space.</summary>
    public uint ReadWindow(uint offset, uint length)
    {
        AimWindow(offset, length);
        return Function.Read<uint>(_structures[5] + 16);
    }

    /// <summary>Writes by the window in configuration space.</summary>
    public void WriteWindow(uint offset, uint length, uint value)
    {
        AimWindow(offset, length);
        Function.Write(_structures[5] + 16, value);
    }

    /// <summary>Reads a register.</summary>
    public T Read<T>(int register)
        where T : unmanaged => Function.ReadMemory<T>(Registers + (ulong)register);

    /// <summary>Writes a register.</summary>
    public void Write<T>(int register, T value)
        where T : unmanaged => Function.WriteMemory(Registers + (ulong)register, value);

    /// <summary>Whether the device has a structure.</summary>
    public bool Has(byte type) => _structures.ContainsKey(type);

    private VirtqueueOptions QueueOptions =>
        ((Features & VirtioFeatures.PackedRing) != 0 ? VirtqueueOptions.Packed : 0)
        | ((Features & VirtioFeatures.IndirectDescriptors) != 0 ? VirtqueueOptions.Indirect : 0)
        | ((Features & VirtioFeatures.EventIndex) != 0 ? VirtqueueOptions.EventIndex : 0);

    private ulong Locate(byte type) => _bar + Function.Read<uint>(_structures[type] + 8);

    private void AimWindow(uint offset, uint length)
    {
        int window = _structures[5];
        Function.Write(window + 4, (byte)0);
        Function.Write(window + 12, length);
        Function.Write(window + 8, offset);
    }

    private void WriteAddress(int register, GuestAddress address)
    {
        Write(register, (uint)address.Value);
        Write(register + 4, (uint)(address.Value >> 32));
    }
}
