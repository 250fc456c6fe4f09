using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Storage;

/// <summary>The two numbers that BLKDISCARD takes, which have no name in C.</summary>
/// <param name="Start">Bytes from the start of the device.</param>
/// <param name="Length">Bytes.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct DeviceRange(ulong Start, ulong Length);
