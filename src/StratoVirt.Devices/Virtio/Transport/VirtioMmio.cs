using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Interrupts;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Transport;

/// <summary>A device behind memory-mapped registers, version 2 (virtio 1.3 §4.2.2).</summary>
public sealed class VirtioMmio : VirtioTransport, IBusDevice
{
    /// <summary>Bytes of address space.</summary>
    public const ulong Length = 0x1000;

    /// <summary>Offset of the register a driver writes a queue number to; the kernel can listen there.</summary>
    public const ulong QueueNotifyOffset = 0x050;

    private const uint Magic = 0x7472_6976; // "virt"
    private const uint Version = 2;
    private const uint Vendor = 0x5654_5453; // "STTV"
    private const ulong ConfigurationOffset = 0x100;
    private const int UsedBuffersStatus = 1 << 0;
    private const int ConfigurationStatus = 1 << 1;

    private readonly IInterruptLine _line;
    private int _interruptStatus;

    /// <summary>Puts a device behind registers; owns it from now on.</summary>
    public VirtioMmio(VirtioDevice device, GuestMemory memory, IInterruptLine line)
        : base(device, memory)
    {
        ArgumentNullException.ThrowIfNull(line);
        _line = line;
    }

    /// <inheritdoc/>
    public override void UsedBuffers(int queue) => Interrupt(UsedBuffersStatus);

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data)
    {
        lock (Gate)
        {
            if (offset >= ConfigurationOffset)
            {
                ReadConfiguration(offset - ConfigurationOffset, data);
            }
            else if (data.Length == sizeof(uint) && offset % sizeof(uint) == 0)
            {
                // Registers are 32 bits wide and accessed as such (§4.2.2.2); anything else reads as zero.
                BinaryPrimitives.WriteUInt32LittleEndian(data, ReadRegister(offset));
            }
        }
    }

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        lock (Gate)
        {
            if (offset >= ConfigurationOffset)
            {
                WriteConfiguration(offset - ConfigurationOffset, data);
            }
            else if (data.Length == sizeof(uint) && offset % sizeof(uint) == 0)
            {
                WriteRegister(offset, BinaryPrimitives.ReadUInt32LittleEndian(data));
            }
        }
    }

    /// <inheritdoc/>
    protected override void InterruptForConfiguration() => Interrupt(ConfigurationStatus);

    /// <inheritdoc/>
    protected override void OnReset() => Volatile.Write(ref _interruptStatus, 0);

    private void Interrupt(int cause)
    {
        Interlocked.Or(ref _interruptStatus, cause);
        _line.Trigger();
    }

    private uint ReadRegister(ulong offset) => offset switch
    {
        0x000 => Magic,
        0x004 => Version,
        0x008 => (uint)Device.Type,
        0x00C => Vendor,
        0x010 => ReadDeviceFeatures(),
        0x034 => ReadQueueSizeMax(),
        0x044 => ReadQueueEnabled() ? 1u : 0u,
        0x060 => (uint)Volatile.Read(ref _interruptStatus),
        0x070 => (uint)Status,

        // No shared memory region: length and base are all ones (§4.2.2.1).
        0x0B0 or 0x0B4 or 0x0B8 or 0x0BC => uint.MaxValue,

        // QueueReset reads 0: a reset is over when the write returns.
        0x0C0 => 0,
        0x0FC => ConfigurationGeneration,
        _ => 0,
    };

    private void WriteRegister(ulong offset, uint value)
    {
        switch (offset)
        {
            case 0x014:
                SelectDeviceFeatures(value);
                break;
            case 0x020:
                WriteDriverFeatures(value);
                break;
            case 0x024:
                SelectDriverFeatures(value);
                break;
            case 0x030:
                QueueSelect = value;
                break;
            case 0x044 when value == 1:
                EnableQueue();
                break;

            // A driver that stops using a queue writes 0 and reads it back (§4.2.2.2); that needs no feature.
            case 0x044 when value == 0:
            case 0x0C0 when value == 1 && IsNegotiated(VirtioFeatures.QueueReset):
                ResetQueue();
                break;
            case QueueNotifyOffset:
                Notify(value);
                break;
            case 0x064:
                Interlocked.And(ref _interruptStatus, ~(int)value);
                break;
            case 0x070:
                WriteStatus((byte)value);
                break;
            default:
                WriteQueueRegister(offset, value);
                break;
        }
    }

    private void WriteQueueRegister(ulong offset, uint value)
    {
        ref QueueRegisters queue = ref Selected();
        if (Unsafe.IsNullRef(ref queue))
        {
            return;
        }

        switch (offset)
        {
            case 0x038:
                queue.Size = (ushort)Math.Min(value, ushort.MaxValue);
                break;
            case 0x080:
                SetLow(ref queue.DescriptorArea, value);
                break;
            case 0x084:
                SetHigh(ref queue.DescriptorArea, value);
                break;
            case 0x090:
                SetLow(ref queue.DriverArea, value);
                break;
            case 0x094:
                SetHigh(ref queue.DriverArea, value);
                break;
            case 0x0A0:
                SetLow(ref queue.DeviceArea, value);
                break;
            case 0x0A4:
                SetHigh(ref queue.DeviceArea, value);
                break;
        }
    }

    private static void SetLow(ref ulong address, uint value) => address = (address & 0xFFFF_FFFF_0000_0000) | value;

    private static void SetHigh(ref ulong address, uint value) => address = (address & 0xFFFF_FFFF) | ((ulong)value << 32);
}
