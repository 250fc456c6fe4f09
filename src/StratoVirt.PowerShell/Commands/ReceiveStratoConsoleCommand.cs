using System.Management.Automation;
using StratoVirt.PowerShell.Consoles;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Emits what guests have printed on their consoles.</summary>
[Cmdlet(VerbsCommunications.Receive, "StratoConsole", DefaultParameterSetName = ByName)]
[OutputType(typeof(string))]
public sealed class ReceiveStratoConsoleCommand : TargetedVmCommand
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);

    /// <summary>Only the last lines.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    /// <summary>Go on with what is printed from now on, until the machine ends or Ctrl-C.</summary>
    [Parameter]
    public SwitchParameter Follow { get; set; }

    /// <summary>With -Follow: begin with all that is kept instead of now.</summary>
    [Parameter]
    public SwitchParameter FromStart { get; set; }

    /// <summary>Only what was printed since this process last typed something.</summary>
    [Parameter]
    public SwitchParameter SinceInput { get; set; }

    /// <summary>Text with the guest's own line ends instead of lines.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        if (vm.Run is { } run)
        {
            ILiveConsole console = run.Console;
            bool fromNow = Follow && !FromStart && !SinceInput && Tail is null;
            var reader = new ConsoleReader(console, fromNow ? console.Written : SinceInput ? run.InputMark : 0);
            EmitHistory(reader);
            if (Follow)
            {
                EmitLive(reader, run);
            }

            return;
        }

        using ConsoleLog? log = Follow || SinceInput ? null : vm.OpenConsoleLog();
        if (log is null)
        {
            vm.RequireLiveRun();
            return;
        }

        EmitHistory(new ConsoleReader(log, 0));
    }

    private void EmitHistory(ConsoleReader reader)
    {
        if (Raw)
        {
            string text = string.Concat(reader.ReadText());
            text = Tail is { } lines ? text[StartOfTail(text, lines)..] : text;
            if (!Follow || text.Length != 0)
            {
                WriteObject(text);
            }

            return;
        }

        IEnumerable<string> history = reader.ReadLines();
        if (!Follow)
        {
            // A line not ended is the prompt the guest waits at; while following, its end is waited for.
            history = history.Concat(Unfinished(reader));
        }

        WriteObject(Tail is { } count ? history.TakeLast(count) : history, enumerateCollection: true);
    }

    private static IEnumerable<string> Unfinished(ConsoleReader reader)
    {
        if (reader.TakeUnfinished() is { } line)
        {
            yield return line;
        }
    }

    private void EmitLive(ConsoleReader reader, MachineRun run)
    {
        bool more = true;
        while (more || !run.Ended)
        {
            more = run.Console.WaitForOutput(reader.Position, Slice, StopToken);
            WriteObject(Raw ? reader.ReadText() : reader.ReadLines(), enumerateCollection: true);
        }

        WriteObject(Unfinished(reader), enumerateCollection: true);
    }

    private static int StartOfTail(string text, int lines)
    {
        int start = text.EndsWith('\n') ? text.Length - 1 : text.Length;
        for (int found = 0; start > 0; start--)
        {
            if (text[start - 1] == '\n' && ++found == lines)
            {
                break;
            }
        }

        return lines == 0 ? text.Length : start;
    }
}
