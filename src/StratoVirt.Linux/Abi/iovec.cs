using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

/// <summary>One piece of memory in vectored I/O.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct iovec
{
    internal nint iov_base;
    internal nuint iov_len;
}
