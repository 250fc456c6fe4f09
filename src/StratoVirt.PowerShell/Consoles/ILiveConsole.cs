namespace StratoVirt.PowerShell.Consoles;

/// <summary>The console of a machine that runs, or ran, with its keyboard.</summary>
internal interface ILiveConsole : IConsoleHistory
{
    /// <summary>Waits for output behind a position, for the end of the machine, or for the time to pass.</summary>
    /// <returns>True when there is something to read there.</returns>
    bool WaitForOutput(long position, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Types bytes into the guest, waiting for room in the device.</summary>
    /// <returns>Bytes taken; fewer than given when the time passed, or the machine ended, with the guest not reading.</returns>
    int Send(ReadOnlySpan<byte> data, TimeSpan timeout, CancellationToken cancellationToken);
}
