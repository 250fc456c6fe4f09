namespace StratoVirt.Linux.Abi.X64;

/// <summary>System call numbers of x86_64.</summary>
internal static class SystemCall
{
    internal const int SYS_seccomp = 317;
    internal const int SYS_gettid = 186;
    internal const int SYS_tgkill = 234;
}
