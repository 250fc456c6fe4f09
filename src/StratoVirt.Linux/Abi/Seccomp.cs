using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

/// <summary>One instruction of a classic BPF program (<c>linux/filter.h</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct sock_filter
{
    internal ushort code;
    internal byte jt;
    internal byte jf;
    internal uint k;
}

/// <summary>A classic BPF program.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct sock_fprog
{
    internal ushort len;
    internal nint filter;
}

/// <summary>What a filter sees of a system call (<c>linux/seccomp.h</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct seccomp_data
{
    internal int nr;
    internal uint arch;
    internal ulong instruction_pointer;
    internal seccomp_arguments args;
}

/// <summary>The six arguments of a system call.</summary>
[System.Runtime.CompilerServices.InlineArray(6)]
internal struct seccomp_arguments
{
    private ulong _first;
}

internal static partial class LibC
{
    internal const ushort BPF_LD = 0;
    internal const ushort BPF_ALU = 4;
    internal const ushort BPF_JMP = 5;
    internal const ushort BPF_RET = 6;
    internal const ushort BPF_W = 0;
    internal const ushort BPF_ABS = 0x20;
    internal const ushort BPF_K = 0;
    internal const ushort BPF_AND = 0x50;
    internal const ushort BPF_JA = 0;
    internal const ushort BPF_JEQ = 0x10;
    internal const ushort BPF_JGT = 0x20;
    internal const ushort BPF_JGE = 0x30;
    internal const int BPF_MAXINSNS = 4096;
    internal const uint AUDIT_ARCH_X86_64 = 0xc000003e;
    internal const uint AUDIT_ARCH_AARCH64 = 0xc00000b7;
    internal const uint SECCOMP_RET_KILL_PROCESS = 0x80000000;
    internal const uint SECCOMP_RET_TRAP = 0x00030000;
    internal const uint SECCOMP_RET_ERRNO = 0x00050000;
    internal const uint SECCOMP_RET_ALLOW = 0x7fff0000;
    internal const uint SECCOMP_RET_ACTION_FULL = 0xffff0000;
    internal const uint SECCOMP_RET_DATA = 0x0000ffff;
    internal const int SECCOMP_SET_MODE_FILTER = 1;
    internal const int SECCOMP_GET_ACTION_AVAIL = 2;
    internal const uint SECCOMP_FILTER_FLAG_TSYNC = 1;

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint seccomp(nint number, nint operation, nint flags, in sock_fprog program);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint seccomp(nint number, nint operation, nint flags, in uint action);
}
