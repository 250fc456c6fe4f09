namespace StratoVirt.Host;

/// <summary>What to say to somebody who called the program without an order.</summary>
internal static class Usage
{
    public static int Refuse()
    {
        HostLog.Write("stratovirt holds one machine for Start-StratoVm -Detached, which starts it.");
        return ExitCode.WrongUse;
    }
}
