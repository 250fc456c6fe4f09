namespace StratoVirt.Linux.Abi.Arm64;

/// <summary>System call numbers of aarch64.</summary>
internal static class SystemCall
{
    internal const int SYS_seccomp = 277;
    internal const int SYS_gettid = 178;
    internal const int SYS_tgkill = 131;
}
