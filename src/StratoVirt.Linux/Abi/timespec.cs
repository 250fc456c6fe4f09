using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

/// <summary>Seconds and nanoseconds, on 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct timespec
{
    internal long tv_sec;
    internal long tv_nsec;
}
