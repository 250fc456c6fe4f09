using StratoVirt.Control.Serving;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.Control.Commands;

/// <summary>The consoles: history by absolute position, and input as far as there is room.</summary>
internal static class ConsoleHandlers
{
    // Longer waits ask again: a client that has gone is not waited for.
    private const int MaxWaitMs = 60_000;

    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        table.AddPending(VendorCommands.ConsoleRead, (arguments, reply) => Read(context, arguments, reply));
        table.Add(VendorCommands.ConsoleWrite, arguments => Write(context, arguments));
        table.Add(VendorCommands.ConsoleResize, arguments => Resize(context, arguments));
    }

    private static void Read(ControlContext context, ConsoleReadArguments arguments, QmpReply<ConsoleOutput> reply)
    {
        VmConsole console = Find(context, arguments.Port);
        if (arguments.Position < 0 || arguments.Max is < 0 || arguments.WaitMs is < 0)
        {
            throw QmpException.Generic("Positions, lengths and times are not negative");
        }

        int most = Math.Min(arguments.Max ?? VendorCommands.MaxConsoleRead, VendorCommands.MaxConsoleRead);
        if (arguments.WaitMs is null or 0 || console.Written > arguments.Position || console.IsComplete)
        {
            reply.Return(Take(console, arguments.Position, most));
            return;
        }

        // Output or the time, whichever comes first, answers and takes the other back.
        Later? timeout = null;
        void Notice() => context.Thread.Post(Answer);
        void Answer()
        {
            context.Thread.Cancel(timeout!);
            console.Unwatch(Notice);
            reply.Return(Take(console, arguments.Position, most));
        }

        timeout = context.Thread.After(TimeSpan.FromMilliseconds(Math.Min(arguments.WaitMs.Value, MaxWaitMs)), Answer);
        console.Watch(arguments.Position, Notice);
    }

    private static ConsoleOutput Take(VmConsole console, long position, int most)
    {
        // Before the copy: what is complete and has all been read says so.
        bool complete = console.IsComplete;
        var data = new byte[Math.Clamp(console.Written - position, 0, most)];
        int count = console.Read(ref position, data);
        return new ConsoleOutput
        {
            Data = count == data.Length ? data : data[..count],
            Position = position,
            Written = console.Written,
            Complete = complete && position == console.Written,
        };
    }

    private static ConsoleInput Write(ControlContext context, ConsoleWriteArguments arguments)
    {
        if (arguments.Data.Length > VendorCommands.MaxConsoleWrite)
        {
            throw QmpException.Generic($"At most {VendorCommands.MaxConsoleWrite} bytes are typed at once");
        }

        VmConsole console = Find(context, arguments.Port);
        long written = console.Written;
        return new ConsoleInput { Written = written, Taken = console.Send(arguments.Data, TimeSpan.Zero, CancellationToken.None) };
    }

    private static QmpNothing Resize(ControlContext context, ConsoleResizeArguments arguments)
    {
        if (arguments.Columns is < 1 or > ushort.MaxValue || arguments.Rows is < 1 or > ushort.MaxValue)
        {
            throw QmpException.Generic($"A terminal has 1 to {ushort.MaxValue} columns and rows");
        }

        return context.Machine.ResizeConsole(arguments.Port, (ushort)arguments.Columns, (ushort)arguments.Rows)
            ? new QmpNothing()
            : throw QmpException.NoDevice(arguments.Port);
    }

    private static VmConsole Find(ControlContext context, string? port) => port is null
        ? context.Machine.Console
        : context.Machine.FindConsole(port) ?? throw QmpException.NoDevice(port);
}
