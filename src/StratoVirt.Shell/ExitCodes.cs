namespace StratoVirt.Shell;

/// <summary>The exit codes pwsh uses, and the shell convention 128 + signal for what a signal ended.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failure = 1;

    /// <summary>pwsh's code (EX_USAGE of sysexits.h) for arguments it cannot use, a missing script included.</summary>
    public const int BadArguments = 64;

    public const int Interrupted = 128 + 2;
    public const int HungUp = 128 + 1;
    public const int Terminated = 128 + 15;
}
