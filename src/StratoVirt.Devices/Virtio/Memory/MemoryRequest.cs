using System.Runtime.InteropServices;

namespace StratoVirt.Devices.Virtio.Memory;

/// <summary><c>struct virtio_mem_req</c> (virtio 1.3 §5.15.6): plug, unplug and state share one form.</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal readonly struct MemoryRequest
{
    public const ushort Plug = 0;
    public const ushort Unplug = 1;
    public const ushort UnplugAll = 2;
    public const ushort State = 3;

    public readonly ushort Type;
    private readonly ushort _padding0;
    private readonly uint _padding1;
    public readonly ulong Address;
    public readonly ushort Blocks;
}
