using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

/// <summary>The C library's signal set: 1024 bits in glibc and musl, of which the kernel uses the first 64. Bit
/// <c>n - 1</c> stands for signal <c>n</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct sigset_t
{
    // The C libraries name the array differently (__val, __bits): the test compares the size alone.
    private ulong _kernelPart;

    internal ulong KernelPart
    {
        readonly get => _kernelPart;
        set => _kernelPart = value;
    }
}
