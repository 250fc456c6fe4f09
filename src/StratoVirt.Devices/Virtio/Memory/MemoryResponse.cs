using System.Runtime.InteropServices;

namespace StratoVirt.Devices.Virtio.Memory;

/// <summary><c>struct virtio_mem_resp</c> (virtio 1.3 §5.15.6).</summary>
[StructLayout(LayoutKind.Sequential, Size = 10)]
internal struct MemoryResponse
{
    public const ushort Acknowledged = 0;
    public const ushort Refused = 1;
    public const ushort Busy = 2;
    public const ushort Error = 3;

    public const ushort Plugged = 0;
    public const ushort Unplugged = 1;
    public const ushort Mixed = 2;

    public ushort Type;
    private readonly ushort _padding0;
    private readonly ushort _padding1;
    private readonly ushort _padding2;
    public ushort State;
}
