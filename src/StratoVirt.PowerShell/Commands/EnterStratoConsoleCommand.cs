using System.Management.Automation;
using System.Text;
using StratoVirt.Linux.Terminals;
using StratoVirt.PowerShell.Completers;
using StratoVirt.PowerShell.Consoles;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Joins the terminal and a guest's console, until the escape key is typed or the machine ends.</summary>
[Cmdlet(VerbsCommon.Enter, "StratoConsole")]
public sealed class EnterStratoConsoleCommand : StratoCommand
{
    /// <summary>Bytes of history looked through for the lines shown first.</summary>
    private const int LookBack = 16 << 10;

    /// <summary>The machine.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("VM")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>A console port instead of the serial console: one with no socket, file or pipe of its own.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Port { get; set; }

    /// <summary>The key that leaves the console, as <c>^X</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string EscapeKey { get; set; } = "^]";

    /// <summary>Lines printed before that are shown first.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public int Tail { get; set; } = 10;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        if (!Consoles.EscapeKey.TryParse(EscapeKey, out EscapeKey? escape))
        {
            throw ErrorRecords.Failure(
                CommandErrorId.EscapeKeyInvalid,
                $"'{EscapeKey}' is no control key.",
                "Write it as ^ and a letter or one of @ [ \\ ] ^ _, for example ^] or ^T.");
        }

        StratoVm vm = Catalog.Find(WildcardPattern.Escape(Name), Report).First();
        MachineRun run = vm.RequireLiveRun();
        ILiveConsole console = Port is null ? run.Console : run.FindPort(Port) ?? throw NoSuchPort(vm.Name, Port);
        using Terminal terminal = Terminal.TryOpen() ?? throw ErrorRecords.Failure(
            CommandErrorId.NoTerminal,
            "This session has no terminal to join with a console.",
            $"Run it at a prompt, or use Receive-StratoConsole {vm.Name} -Follow and Send-StratoConsole.");
        TerminalBridge.End end = Join(terminal, run, console, escape.Value);
        Host.UI.WriteLine(end == TerminalBridge.End.MachineEnded ? $"\n{vm.Name} has ended." : $"\nLeft the console of {vm.Name}.");
    });

    private TerminalBridge.End Join(Terminal terminal, MachineRun run, ILiveConsole console, EscapeKey escape)
    {
        // Raw first: a key typed in answer to the greeting is the guest's already.
        using RawMode raw = terminal.EnterRawMode();
        _ = terminal.Write(Encoding.UTF8.GetBytes($"Console of {run.Name}; {escape} leaves it.\r\n"));
        run.MarkInput();
        var bridge = new TerminalBridge(terminal, console, escape)
        {
            Resized = Port is { } port ? (columns, rows) => run.ResizePort(port, columns, rows) : null,
        };
        return bridge.Run(StartOfTail(console), () => run.Ended, StopToken);
    }

    private long StartOfTail(ILiveConsole console)
    {
        long end = console.Written;
        long position = Math.Max(0, end - LookBack);
        byte[] history = new byte[LookBack];
        long from = position;
        int count = console.Read(ref from, history);
        for (int i = count - 1, lines = 0; i >= 0; i--)
        {
            if (history[i] == '\n' && lines++ == Tail)
            {
                return from - count + i + 1;
            }
        }

        return from - count;
    }

    private static StratoVirtException NoSuchPort(string vm, string port) => ErrorRecords.Failure(
        CommandErrorId.NoSuchDevice,
        $"{vm} has no console port '{port}' that a terminal can join.",
        "Name a port without a socket, file or pipe of its own; Get-StratoDevice lists them.");
}
