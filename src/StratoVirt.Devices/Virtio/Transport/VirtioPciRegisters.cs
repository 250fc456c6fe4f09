using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace StratoVirt.Devices.Virtio.Transport;

/// <content><c>struct virtio_pci_common_cfg</c> (virtio 1.3 §4.1.4.3).</content>
public sealed partial class VirtioPci
{
    private const int DeviceFeatureSelect = 0x00;
    private const int DeviceFeature = 0x04;
    private const int DriverFeatureSelect = 0x08;
    private const int DriverFeature = 0x0C;
    private const int ConfigurationVector = 0x10;
    private const int QueueCount = 0x12;
    private const int DeviceStatus = 0x14;
    private const int Generation = 0x15;
    private const int Select = 0x16;
    private const int QueueSize = 0x18;
    private const int QueueVector = 0x1A;
    private const int QueueEnable = 0x1C;
    private const int QueueNotifyOff = 0x1E;
    private const int QueueDescriptors = 0x20;
    private const int QueueDriver = 0x28;
    private const int QueueDevice = 0x30;

    // queue_notify_data: the queue's number, should a driver read it without VIRTIO_F_NOTIF_CONFIG_DATA.
    private const int QueueNotifyData = 0x38;
    private const int QueueResetRegister = 0x3A;

    private const ushort NoVector = 0xFFFF;

    /// <summary>Shows registers; any width and alignment shows the bytes that are there.</summary>
    private void ReadRegisters(int offset, Span<byte> data)
    {
        Span<byte> all = stackalloc byte[(int)VirtioPciLayout.RegistersLength];
        all.Clear();
        Put32(all, DeviceFeatureSelect, _deviceFeatureSelect);
        Put32(all, DeviceFeature, ReadDeviceFeatures());
        Put32(all, DriverFeatureSelect, _driverFeatureSelect);
        Put32(all, DriverFeature, ReadDriverFeatures());
        Put16(all, ConfigurationVector, _configurationVector);
        Put16(all, QueueCount, (ushort)_queueVectors.Length);
        all[DeviceStatus] = (byte)Status;
        all[Generation] = ShownGeneration();
        Put16(all, Select, (ushort)QueueSelect);
        if (QueueSelect < _queueVectors.Length)
        {
            QueueRegisters queue = ReadSelected();
            Put16(all, QueueSize, queue.Size);
            Put16(all, QueueVector, _queueVectors[QueueSelect]);
            Put16(all, QueueEnable, queue.Enabled ? (ushort)1 : (ushort)0);
            Put16(all, QueueNotifyOff, (ushort)QueueSelect);
            Put64(all, QueueDescriptors, queue.DescriptorArea);
            Put64(all, QueueDriver, queue.DriverArea);
            Put64(all, QueueDevice, queue.DeviceArea);
            Put16(all, QueueNotifyData, (ushort)QueueSelect);
        }
        else
        {
            Put16(all, QueueVector, NoVector);
        }

        // queue_reset reads 0: a reset is over when the write returns.
        all = all[Math.Min(offset, all.Length)..];
        all[..Math.Min(all.Length, data.Length)].CopyTo(data);
    }

    /// <summary>Writes one register at its own width (§4.1.3.1), an area's address in one piece or two; anything else is
    /// dropped.</summary>
    private void WriteRegister(int offset, ReadOnlySpan<byte> data)
    {
        switch (data.Length)
        {
            case sizeof(byte) when offset == DeviceStatus:
                WriteStatus(data[0]);
                break;
            case sizeof(ushort):
                WriteRegister16(offset, BinaryPrimitives.ReadUInt16LittleEndian(data));
                break;
            case sizeof(uint):
                WriteRegister32(offset, BinaryPrimitives.ReadUInt32LittleEndian(data));
                break;
            case sizeof(ulong) when offset is QueueDescriptors or QueueDriver or QueueDevice:
                WriteArea(offset, BinaryPrimitives.ReadUInt32LittleEndian(data));
                WriteArea(offset + sizeof(uint), BinaryPrimitives.ReadUInt32LittleEndian(data[sizeof(uint)..]));
                break;
            default:
                break;
        }
    }

    private void WriteRegister16(int offset, ushort value)
    {
        switch (offset)
        {
            case ConfigurationVector:
                Volatile.Write(ref _configurationVector, Checked(value));
                break;
            case Select:
                QueueSelect = value;
                break;
            case QueueSize:
                ref QueueRegisters queue = ref Selected();
                if (!Unsafe.IsNullRef(ref queue))
                {
                    queue.Size = value;
                }

                break;
            case QueueVector when QueueSelect < _queueVectors.Length:
                Volatile.Write(ref _queueVectors[QueueSelect], Checked(value));
                break;
            case QueueEnable when value == 1:
                EnableQueue();
                break;
            case QueueResetRegister when value == 1
                && QueueSelect < _queueVectors.Length && IsNegotiated(VirtioFeatures.QueueReset):
                ResetQueue();
                Volatile.Write(ref _queueVectors[QueueSelect], NoVector);
                break;
            default:
                break;
        }
    }

    private void WriteRegister32(int offset, uint value)
    {
        switch (offset)
        {
            case DeviceFeatureSelect:
                _deviceFeatureSelect = value;
                SelectDeviceFeatures(value);
                break;
            case DriverFeatureSelect:
                _driverFeatureSelect = value;
                SelectDriverFeatures(value);
                break;
            case DriverFeature:
                WriteDriverFeatures(value);
                break;
            default:
                WriteArea(offset, value);
                break;
        }
    }

    private void WriteArea(int offset, uint value)
    {
        ref QueueRegisters queue = ref Selected();
        if (Unsafe.IsNullRef(ref queue))
        {
            return;
        }

        switch (offset)
        {
            case QueueDescriptors:
                SetLow(ref queue.DescriptorArea, value);
                break;
            case QueueDescriptors + sizeof(uint):
                SetHigh(ref queue.DescriptorArea, value);
                break;
            case QueueDriver:
                SetLow(ref queue.DriverArea, value);
                break;
            case QueueDriver + sizeof(uint):
                SetHigh(ref queue.DriverArea, value);
                break;
            case QueueDevice:
                SetLow(ref queue.DeviceArea, value);
                break;
            case QueueDevice + sizeof(uint):
                SetHigh(ref queue.DeviceArea, value);
                break;
            default:
                break;
        }
    }

    // A vector that does not exist cannot be mapped, which the driver sees by reading it back (§4.1.5.1.2.1).
    private ushort Checked(ushort vector) => vector < Msix.Count ? vector : NoVector;

    private static void SetLow(ref ulong address, uint value) => address = (address & 0xFFFF_FFFF_0000_0000) | value;

    private static void SetHigh(ref ulong address, uint value) => address = (address & 0xFFFF_FFFF) | ((ulong)value << 32);

    private static void Put16(Span<byte> registers, int offset, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(registers[offset..], value);

    private static void Put32(Span<byte> registers, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(registers[offset..], value);

    private static void Put64(Span<byte> registers, int offset, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(registers[offset..], value);
}
