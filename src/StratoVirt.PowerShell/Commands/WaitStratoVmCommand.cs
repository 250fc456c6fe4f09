using System.Diagnostics;
using System.Management.Automation;
using System.Text.RegularExpressions;
using StratoVirt.Machine;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Session;
using StratoVirt.PowerShell.Waiting;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Waits until machines are in a state, have printed a text, or have written a boot mark.</summary>
[Cmdlet(VerbsLifecycle.Wait, "StratoVm", DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoVm))]
public sealed class WaitStratoVmCommand : TargetedVmCommand
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(5);

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>States to wait for, any of them.</summary>
    [Parameter]
    public StratoVmState[]? State { get; set; }

    /// <summary>Text to wait for on the console: a regular expression.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConsoleText { get; set; }

    /// <summary>The text is taken as it is.</summary>
    [Parameter]
    public SwitchParameter SimpleMatch { get; set; }

    /// <summary>The boot mark to wait for.</summary>
    [Parameter]
    public byte? BootMark { get; set; }

    /// <summary>How long to wait for all machines together, in seconds; 0 looks once. Without it, for ever.</summary>
    [Parameter]
    [Alias("Timeout")]
    [ValidateRange(0, int.MaxValue)]
    public int? TimeoutSeconds { get; set; }

    /// <summary>Emit the machines.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        int conditions = (State is null ? 0 : 1) + (ConsoleText is null ? 0 : 1) + (BootMark is null ? 0 : 1);
        if (conditions > 1)
        {
            ThrowTerminatingError(ErrorRecords.ForArgument(
                CommandErrorId.OneCondition,
                "A wait is for one thing: -State, -ConsoleText or -BootMark.",
                "Wait for one after the other."));
        }

        if (ConsoleText is not null && !SimpleMatch)
        {
            CheckPattern(ConsoleText);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        WaitCondition condition = NewCondition();
        string activity = $"Waiting for {vm.Name} {condition.Description}";
        try
        {
            Await(vm, condition, activity);
        }
        finally
        {
            EndProgress(activity);
        }

        if (PassThru)
        {
            WriteObject(vm);
        }
    }

    private WaitCondition NewCondition() => this switch
    {
        { ConsoleText: { } text } => new ConsoleTextCondition(text, ToRegex(SimpleMatch ? Regex.Escape(text) : text)),
        { BootMark: { } code } => new BootMarkCondition(code),
        _ => new StateCondition(State ?? [StratoVmState.Stopped]),
    };

    private void Await(StratoVm vm, WaitCondition condition, string activity)
    {
        while (true)
        {
            // The look at the end comes first: output printed before it is then still found.
            MachineRun? run = vm.Run;
            bool dead = vm.State is StratoVmState.Stopped or StratoVmState.InternalError;
            if (condition.IsMet(vm, run))
            {
                return;
            }

            if (condition.NeedsGuest)
            {
                ThrowIfHopeless(vm, run, dead, condition);
            }

            TimeSpan left = TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) - _clock.Elapsed : TimeSpan.MaxValue;
            if (left <= TimeSpan.Zero)
            {
                throw new StratoVirtException(
                    ErrorRecords.Id(MachineErrorId.Timeout),
                    $"{vm.Name} is {vm.Status}; {TimeoutSeconds} s of waiting for it {condition.Description} have passed.",
                    "Look at its console with Receive-StratoConsole, or wait longer with -TimeoutSeconds.");
            }

            StopToken.ThrowIfCancellationRequested();
            ShowProgress(activity, vm.Status, secondsLeft: TimeoutSeconds is null ? -1 : (int)left.TotalSeconds);
            condition.Pause(run, left < Slice ? left : Slice, StopToken);
        }
    }

    private static void ThrowIfHopeless(StratoVm vm, MachineRun? run, bool dead, WaitCondition condition)
    {
        if (run is null)
        {
            vm.RequireLiveRun();
        }
        else if (dead)
        {
            string end = vm.Fault is { } fault ? $"met a fault ({fault.Reason})" : $"ended ({vm.Cause})";
            throw ErrorRecords.Failure(
                CommandErrorId.EndedWhileWaiting,
                $"{vm.Name} {end}; it was waited for {condition.Description}.",
                "Look at its last words with Receive-StratoConsole.");
        }
    }

    private void CheckPattern(string pattern)
    {
        try
        {
            _ = ToRegex(pattern);
        }
        catch (RegexParseException wrong)
        {
            ThrowTerminatingError(ErrorRecords.ForArgument(
                CommandErrorId.PatternInvalid,
                $"'{pattern}' is no regular expression: {wrong.Message}",
                "Correct it, or take the text as it is with -SimpleMatch.",
                wrong));
        }
    }

    private static Regex ToRegex(string pattern) =>
        new(pattern, RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant, LongestMatch);
}
