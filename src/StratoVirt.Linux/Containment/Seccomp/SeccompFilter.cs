using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Containment.Seccomp;

/// <summary>Puts filters to work. A filter stays for the life of its threads and of the threads they make; of several
/// the strictest verdict counts, so a thread can only ever lose calls.</summary>
public static class SeccompFilter
{
    private static int Number => RuntimeInformation.ProcessArchitecture == Architecture.X64
        ? Abi.X64.SystemCall.SYS_seccomp
        : Abi.Arm64.SystemCall.SYS_seccomp;

    /// <summary>Whether this kernel has filters at all.</summary>
    public static bool IsSupported =>
        LibC.seccomp(Number, LibC.SECCOMP_GET_ACTION_AVAIL, 0, LibC.SECCOMP_RET_KILL_PROCESS) == 0;

    /// <summary>Filters the calling thread. It needs <see cref="ThreadPrivileges.ForbidNew"/> before.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Install(SeccompProgram program) => Install(program, 0);

    /// <summary>Filters all threads of the process, as one step. Fails when a thread has a filter of its own already
    /// that the calling thread does not have.</summary>
    /// <exception cref="LinuxException">The kernel refused; no thread has changed.</exception>
    public static void InstallOnAllThreads(SeccompProgram program) => Install(program, LibC.SECCOMP_FILTER_FLAG_TSYNC);

    private static unsafe void Install(SeccompProgram program, uint flags)
    {
        ArgumentNullException.ThrowIfNull(program);
        ReadOnlySpan<BpfInstruction> instructions = program.Instructions.AsSpan();

        // SAFETY: BpfInstruction is laid out as sock_filter, of the same size; the kernel copies the program before it returns.
        fixed (BpfInstruction* first = instructions)
        {
            var header = new sock_fprog { len = (ushort)instructions.Length, filter = (nint)first };
            nint result = LibC.seccomp(Number, LibC.SECCOMP_SET_MODE_FILTER, (nint)flags, in header);
            if (result < 0)
            {
                throw LinuxException.Last("seccomp");
            }

            if (result > 0)
            {
                throw new LinuxException("seccomp", Errno.Busy, $"thread {result} has a filter of its own");
            }
        }
    }
}
