using System.Diagnostics;
using System.Globalization;
using System.Text;
using StratoVirt.Definitions;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.PowerShell.Consoles;

namespace StratoVirt.PowerShell.HostChecks;

/// <summary>
/// Boots the built-in guest, waits for its prompt, types its power-off command and waits for its end: the whole way
/// from definition to guest and back, console both ways included.
/// </summary>
internal static class GuestTrial
{
    private const string Name = "Built-in guest";
    private const string Prompt = "hello> ";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the guest is gone.</exception>
    public static StratoHostCheck Run(CancellationToken cancellationToken)
    {
        var definition = new VmDefinition
        {
            Metadata = new VmMetadata { Name = "test-host" },
            Spec = new VmSpec
            {
                Memory = VmSpec.MinMemory,
                Boot = new BootSpec { BuiltIn = true },
                Console = new ConsoleSpec { Log = false },
            },
        };
        try
        {
            // Without a runtime directory it takes no name, so it runs beside whatever else runs.
            using VirtualMachine machine = VirtualMachine.Create(definition, new MachineEnvironment());
            return Talk(machine, cancellationToken);
        }
        catch (MachineException refused)
        {
            return new StratoHostCheck(Name, StratoCheckOutcome.Failed, refused.Message, refused.RecommendedAction);
        }
    }

    private static StratoHostCheck Talk(VirtualMachine machine, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        machine.Start();
        if (!SeesPrompt(machine, clock, cancellationToken))
        {
            return Explain(machine, "did not reach its prompt");
        }

        TimeSpan prompt = clock.Elapsed;
        machine.Console.Send("poweroff\n"u8, Limit, cancellationToken);
        MachineStatus? end = machine.WaitFor(
            status => status.State is RunState.Shutdown or RunState.InternalError, Limit, cancellationToken);
        return end is { State: RunState.Shutdown, Cause: ShutdownCause.GuestShutdown }
            ? new StratoHostCheck(
                Name,
                StratoCheckOutcome.Passed,
                string.Create(CultureInfo.InvariantCulture, $"booted, took console input and powered off in {clock.Elapsed.TotalMilliseconds:0} ms (prompt after {prompt.TotalMilliseconds:0} ms)"),
                "Machines run on this host.")
            : Explain(machine, "did not power off");
    }

    private static bool SeesPrompt(VirtualMachine machine, Stopwatch clock, CancellationToken cancellationToken)
    {
        var reader = new ConsoleReader(new LiveConsole(machine.Console), 0);
        var seen = new StringBuilder();
        while (clock.Elapsed < Limit && machine.Status.State == RunState.Running)
        {
            machine.Console.WaitForOutput(reader.Position, Slice, cancellationToken);
            seen.AppendJoin(string.Empty, reader.ReadText());
            if (seen.ToString().Contains(Prompt, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static StratoHostCheck Explain(VirtualMachine machine, string failure)
    {
        MachineStatus status = machine.Status;
        return status.Fault is { } fault
            ? new StratoHostCheck(Name, StratoCheckOutcome.Failed, $"{failure}: {fault.Reason}", fault.Hint)
            : new StratoHostCheck(
                Name,
                StratoCheckOutcome.Failed,
                string.Create(CultureInfo.InvariantCulture, $"{failure}; it is {status.State.ToQmp()} after {Limit.TotalSeconds:0} s at most"),
                "KVM is there but does not run guests as it should: look at the host's kernel log (dmesg).");
    }
}
