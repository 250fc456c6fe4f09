using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Processes;

/// <summary>Descriptors that this process was started with. What it opens itself no program of its own gets; these it
/// would get.</summary>
public static class InheritedDescriptors
{
    // The same number on all architectures, as all calls since Linux 5.
    private const int CloseRange = 436;
    private const int CloseRangeCloseOnExec = 4;
    private const int BehindStandardStreams = 3;

    /// <summary>Keeps them from programs that this process starts from now on (close_range(2), since Linux 5.11).</summary>
    /// <param name="known">Those that matter most, for older kernels. Numbers that are not open are passed over.</param>
    public static void KeepFromPrograms(params ReadOnlySpan<int> known)
    {
        if (LibC.syscall(CloseRange, BehindStandardStreams, int.MaxValue, CloseRangeCloseOnExec) == 0)
        {
            return;
        }

        foreach (int number in known)
        {
            using var descriptor = new Handles.FileDescriptor(number, ownsHandle: false);
            _ = LibC.fcntl(descriptor, LibC.F_SETFD, LibC.FD_CLOEXEC);
        }
    }
}
