using StratoVirt.Machine;

namespace StratoVirt.PowerShell.Consoles;

/// <summary>The console of a machine that ran in this process, while it runs and after.</summary>
internal sealed class LiveConsole(VmConsole console) : ILiveConsole
{
    /// <inheritdoc/>
    public long Written => console.Written;

    /// <inheritdoc/>
    public int Read(ref long position, Span<byte> destination) => console.Read(ref position, destination);

    /// <inheritdoc/>
    public bool WaitForOutput(long position, TimeSpan timeout, CancellationToken cancellationToken) =>
        console.WaitForOutput(position, timeout, cancellationToken);

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<byte> data, TimeSpan timeout, CancellationToken cancellationToken) =>
        console.Send(data, timeout, cancellationToken);
}
