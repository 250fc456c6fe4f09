using StratoVirt.Linux;
using StratoVirt.Linux.Terminals;

namespace StratoVirt.PowerShell.Consoles;

/// <summary>
/// Joins a terminal and a guest's console until the escape key is typed, the machine ends or the terminal goes away.
/// Output has a thread of its own, so that a guest that does not read what is typed can still print.
/// </summary>
internal sealed class TerminalBridge(Terminal terminal, ILiveConsole console, EscapeKey escape)
{
    /// <summary>How long anything waits before it looks whether it is over, in milliseconds.</summary>
    private const int SliceMs = 100;

    /// <summary>Keys kept for a guest that does not read; more are dropped, with a bell.</summary>
    private const int TypeAhead = 4 << 10;

    private static readonly byte[] Bell = [0x07];

    private readonly byte[] _pending = new byte[TypeAhead];
    private int _pendingCount;

    /// <summary>Why the bridge came down.</summary>
    public enum End
    {
        /// <summary>The escape key was typed.</summary>
        Escaped,
        /// <summary>The machine has ended.</summary>
        MachineEnded,
        /// <summary>The terminal hung up.</summary>
        TerminalGone,
        /// <summary>The pipeline was stopped.</summary>
        Stopped,
    }

    /// <summary>Told the size of the terminal at the beginning and whenever it changes.</summary>
    public Action<ushort, ushort>? Resized { get; init; }

    /// <summary>Serves until one side ends.</summary>
    /// <param name="position">Where in the console's output to begin.</param>
    /// <param name="ended">Whether the machine has ended.</param>
    /// <param name="stop">The pipeline's.</param>
    public End Run(long position, Func<bool> ended, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var output = new Thread(() => Print(position, ended, over.Token)) { IsBackground = true, Name = "console output" };
        output.Start();
        try
        {
            return Type(ended, output, stop);
        }
        finally
        {
            over.Cancel();
            output.Join();
        }
    }

    private End Type(Func<bool> ended, Thread output, CancellationToken stop)
    {
        Span<byte> keys = stackalloc byte[512];
        (ushort Columns, ushort Rows) size = default;
        while (!stop.IsCancellationRequested)
        {
            if (terminal.Size is { Columns: > 0, Rows: > 0 } now && now != size)
            {
                size = now;
                Resized?.Invoke(size.Columns, size.Rows);
            }

            int count = terminal.Read(keys, SliceMs);
            if (count < 0)
            {
                return End.TerminalGone;
            }

            int escaped = keys[..count].IndexOf(escape.Code);
            Take(escaped < 0 ? keys[..count] : keys[..escaped]);
            Deliver(stop);
            if (escaped >= 0)
            {
                return End.Escaped;
            }

            if (ended() || !output.IsAlive)
            {
                // The last words are printed before the bridge comes down.
                output.Join();
                return End.MachineEnded;
            }
        }

        return End.Stopped;
    }

    private void Take(ReadOnlySpan<byte> keys)
    {
        if (keys.Length > TypeAhead - _pendingCount)
        {
            _ = terminal.Write(Bell);
            return;
        }

        keys.CopyTo(_pending.AsSpan(_pendingCount));
        _pendingCount += keys.Length;
    }

    private void Deliver(CancellationToken stop)
    {
        if (_pendingCount == 0)
        {
            return;
        }

        int taken = console.Send(_pending.AsSpan(0, _pendingCount), TimeSpan.FromMilliseconds(SliceMs), stop);
        _pending.AsSpan(taken, _pendingCount - taken).CopyTo(_pending);
        _pendingCount -= taken;
    }

    private void Print(long position, Func<bool> ended, CancellationToken over)
    {
        byte[] buffer = new byte[16 << 10];
        try
        {
            while (!over.IsCancellationRequested)
            {
                // The look at the end comes first: what was printed before it is then still shown.
                bool last = ended();
                while (console.Read(ref position, buffer) is > 0 and int count)
                {
                    if (terminal.Write(buffer.AsSpan(0, count)) != Errno.None)
                    {
                        return;
                    }
                }

                if (last)
                {
                    return;
                }

                console.WaitForOutput(position, TimeSpan.FromMilliseconds(SliceMs), over);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The other side has ended.
        }
    }
}
