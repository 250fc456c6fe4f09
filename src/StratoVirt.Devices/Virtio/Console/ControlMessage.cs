using System.Runtime.InteropServices;

namespace StratoVirt.Devices.Virtio.Console;

/// <summary>struct virtio_console_control (virtio 1.3 §5.3.6.2), little-endian.</summary>
[StructLayout(LayoutKind.Sequential, Size = Length)]
internal readonly record struct ControlMessage(uint Port, ControlEvent Event, ushort Value)
{
    internal const int Length = 8;
}

/// <summary>What a control message is about (§5.3.6.2).</summary>
internal enum ControlEvent : ushort
{
    DeviceReady = 0,
    DeviceAdd = 1,
    DeviceRemove = 2,
    PortReady = 3,
    ConsolePort = 4,
    Resize = 5,
    PortOpen = 6,
    PortName = 7,
}
