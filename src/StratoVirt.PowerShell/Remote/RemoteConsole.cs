using System.Diagnostics;
using StratoVirt.Machine;
using StratoVirt.PowerShell.Consoles;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.PowerShell.Remote;

/// <summary>A console of a machine of another process. Waiting for output has a connection of its own, so that typing
/// need not wait for it.</summary>
internal sealed class RemoteConsole(string machine, string socketPath, string? port, TimeSpan patience) : ILiveConsole, IDisposable
{
    /// <summary>How often a guest that does not read is looked at again.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    private readonly ControlChannel _output = new(machine, socketPath);
    private readonly ControlChannel _input = new(machine, socketPath);

    /// <inheritdoc/>
    public long Written => Ask(_input, long.MaxValue, 0, TimeSpan.Zero, default)?.Written ?? 0;

    /// <inheritdoc/>
    public int Read(ref long position, Span<byte> destination)
    {
        if (Ask(_output, position, destination.Length, TimeSpan.Zero, default) is not { } output)
        {
            return 0;
        }

        output.Data.CopyTo(destination);
        position = output.Position;
        return output.Data.Length;
    }

    /// <inheritdoc/>
    public bool WaitForOutput(long position, TimeSpan timeout, CancellationToken cancellationToken) =>
        Ask(_output, position, 0, timeout, cancellationToken) is { } output && output.Written > position;

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<byte> data, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        int sent = 0;
        while (sent < data.Length)
        {
            int piece = Math.Min(data.Length - sent, VendorCommands.MaxConsoleWrite);
            var arguments = new ConsoleWriteArguments { Port = port, Data = data.Slice(sent, piece).ToArray() };
            int taken = _input.Execute(VendorCommands.ConsoleWrite, arguments, patience, cancellationToken: cancellationToken).Taken;
            sent += taken;
            if (taken == 0)
            {
                if (clock.Elapsed >= timeout)
                {
                    break;
                }

                if (cancellationToken.WaitHandle.WaitOne(LookAgain))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
        }

        return sent;
    }

    /// <summary>Closes its connections.</summary>
    public void Dispose()
    {
        _output.Dispose();
        _input.Dispose();
    }

    // Null when the machine's process has ended: nothing more comes, and its log has the rest.
    private ConsoleOutput? Ask(ControlChannel channel, long position, int most, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            return channel.Execute(
                VendorCommands.ConsoleRead,
                new ConsoleReadArguments
                {
                    Port = port,
                    Position = position,
                    Max = most,
                    WaitMs = wait > TimeSpan.Zero ? (int)wait.TotalMilliseconds : null,
                },
                patience + wait,
                cancellationToken: cancellationToken);
        }
        catch (MachineException gone) when (gone.Id == MachineErrorId.ControlUnreachable)
        {
            return null;
        }
    }
}
