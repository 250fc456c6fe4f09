using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Virtio;

/// <summary>
/// Finds a device behind virtio-mmio registers and brings it to DRIVER_OK: virtio 1.3, 3.1.1 and 4.2. Leaves the
/// address of the registers in r15.
/// </summary>
internal sealed class MmioTransport(Assembler c)
{
    /// <summary>Offset of the notification register.</summary>
    public const int QueueNotify = 0x050;

    /// <summary>Offset of the device's configuration.</summary>
    public const int Configuration = 0x100;

    private const int MagicValue = 0x000;
    private const int Version = 0x004;
    private const int DeviceId = 0x008;
    private const int DeviceFeatures = 0x010;
    private const int DeviceFeaturesSelect = 0x014;
    private const int DriverFeatures = 0x020;
    private const int DriverFeaturesSelect = 0x024;
    private const int QueueSelect = 0x030;
    private const int QueueSizeMax = 0x034;
    private const int QueueSize = 0x038;
    private const int QueueReady = 0x044;
    private const int Status = 0x070;
    private const int DescriptorArea = 0x080;
    private const int DriverArea = 0x090;
    private const int DeviceArea = 0x0A0;

    private const uint Virt = 0x7472_6976;
    private const uint Acknowledge = 1;
    private const uint Driver = 2;
    private const uint DriverOk = 4;
    private const uint FeaturesOk = 8;
    private const uint EventIndex = 1 << 29;
    private const uint Version1 = 1;

    // Where the microVM and QEMU's microvm keep their transports, and how many are looked at.
    private static readonly (ulong Start, int Stride, int Count)[] _windows = [(0xFEA0_0000, 0x1000, 64), (0xFEB0_0000, 0x200, 24)];

    /// <summary>Emits the search and the set-up of the device of a workload.</summary>
    /// <param name="workload">Which device, which features, how many queues.</param>
    /// <param name="missing">Where to go when there is no such device.</param>
    /// <param name="refused">Where to go when the device does not agree.</param>
    public void EmitSetup(Workload workload, Label missing, Label refused)
    {
        EmitSearch(workload.DeviceId, missing);
        Write(Status, 0);
        Write(Status, Acknowledge);
        Write(Status, Acknowledge | Driver);

        Write(DeviceFeaturesSelect, 1);
        c.test(__dword_ptr[r15 + DeviceFeatures], Version1);
        c.jz(refused);
        Write(DriverFeaturesSelect, 1);
        Write(DriverFeatures, Version1);
        Write(DeviceFeaturesSelect, 0);
        c.mov(eax, __dword_ptr[r15 + DeviceFeatures]);
        c.and(eax, workload.Features | EventIndex);
        Write(DriverFeaturesSelect, 0);
        c.mov(__dword_ptr[r15 + DriverFeatures], eax);
        c.and(eax, EventIndex);
        c.mov(__dword_ptr[BenchLayout.EventIndex], eax);
        Write(Status, Acknowledge | Driver | FeaturesOk);
        c.test(__dword_ptr[r15 + Status], FeaturesOk);
        c.jz(refused);

        workload.EmitConfiguration();
        for (int queue = 0; queue < workload.Queues; queue++)
        {
            EmitQueue(queue, workload.QueueSize, refused);
        }

        Write(Status, Acknowledge | Driver | FeaturesOk | DriverOk);
    }

    private void EmitSearch(uint deviceId, Label missing)
    {
        Label found = c.CreateLabel();
        foreach ((ulong start, int stride, int count) in _windows)
        {
            Label look = c.CreateLabel();
            Label next = c.CreateLabel();
            c.mov(r15d, (uint)start);
            c.mov(ecx, count);
            c.Label(ref look);
            c.cmp(__dword_ptr[r15 + MagicValue], Virt);
            c.jne(next);
            c.cmp(__dword_ptr[r15 + Version], 2);
            c.jne(next);
            c.cmp(__dword_ptr[r15 + DeviceId], deviceId);
            c.je(found);
            c.Label(ref next);
            c.add(r15, stride);
            c.dec(ecx);
            c.jnz(look);
        }

        c.jmp(missing);
        c.Label(ref found);
        c.nop();
    }

    private void EmitQueue(int queue, int size, Label refused)
    {
        ulong offset = (ulong)queue * BenchLayout.QueueStride;
        Write(QueueSelect, (uint)queue);
        c.cmp(__dword_ptr[r15 + QueueSizeMax], size);
        c.jb(refused);
        Write(QueueSize, (uint)size);
        WriteAddress(DescriptorArea, BenchLayout.Descriptors + offset);
        WriteAddress(DriverArea, BenchLayout.Available + offset);
        WriteAddress(DeviceArea, BenchLayout.Used + offset);
        Write(QueueReady, 1);
    }

    private void WriteAddress(int register, ulong address)
    {
        Write(register, (uint)address);
        Write(register + 4, (uint)(address >> 32));
    }

    private void Write(int register, uint value) => c.mov(__dword_ptr[r15 + register], value);
}
