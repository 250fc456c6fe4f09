using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Threads;
using StratoVirt.Machine;

namespace StratoVirt.Host.Serial;

/// <summary>
/// Carries what a machine's serial port prints to a descriptor, and what comes from another into the guest. A follower
/// of the console as all others are: one that does not keep up loses old output and costs the guest nothing.
/// </summary>
internal sealed class SerialLink : IDisposable
{
    private const int StackBytes = 128 << 10;
    private const int FileMode = 0x180;
    private static readonly TimeSpan Slice = TimeSpan.FromHours(1);

    private readonly VmConsole _console;
    private readonly FileDescriptor _output;
    private readonly Thread _writer;
    private readonly IThreadGuard? _guard;

    private SerialLink(VmConsole console, FileDescriptor output, FileDescriptor? input, IThreadGuard? guard)
    {
        _console = console;
        _guard = guard;
        _output = output;
        _writer = new Thread(CarryOut, StackBytes) { Name = "serial-out", IsBackground = true };
        _writer.Start();
        if (input is not null)
        {
            // Ends with its descriptor or the process: nothing interrupts a read.
            new Thread(() => CarryIn(input), StackBytes) { Name = "serial-in", IsBackground = true }.Start();
        }
    }

    /// <summary>Connects a console; null where it leads nowhere.</summary>
    /// <param name="target">Where its output goes and its input comes from.</param>
    /// <param name="console">The console.</param>
    /// <param name="guard">Told by each thread what it is for; null where nobody asks.</param>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    public static SerialLink? Open(SerialTarget target, VmConsole console, IThreadGuard? guard) => target.Kind switch
    {
        SerialTargetKind.StandardStreams => new SerialLink(
            console, new FileDescriptor(1, ownsHandle: false), new FileDescriptor(0, ownsHandle: false), guard),
        SerialTargetKind.File => new SerialLink(
            console,
            FileDescriptor.Open(target.Path!, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append, FileMode),
            input: null,
            guard),
        _ => null,
    };

    /// <summary>Returns when what the machine printed has been carried out. The machine has ended before.</summary>
    public void Dispose()
    {
        _writer.Join();
        _output.Dispose();
    }

    private void CarryOut()
    {
        _guard?.Enter(ThreadRole.Io);
        var buffer = new byte[1024];
        long position = 0;
        while (true)
        {
            int count = _console.Read(ref position, buffer);
            if (count > 0)
            {
                // A full disk or a reader that has gone: the machine goes on, its console keeps the history.
                _ = _output.WriteAll(buffer.AsSpan(0, count));
            }
            else if (!_console.WaitForOutput(position, Slice, CancellationToken.None) && _console.IsComplete)
            {
                return;
            }
        }
    }

    private void CarryIn(FileDescriptor input)
    {
        _guard?.Enter(ThreadRole.Io);
        var buffer = new byte[256];
        while (input.Read(buffer, out int count) == Errno.None && count > 0)
        {
            _ = _console.Send(buffer.AsSpan(0, count), Timeout.InfiniteTimeSpan, CancellationToken.None);
        }
    }
}
