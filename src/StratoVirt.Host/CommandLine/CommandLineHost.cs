using System.Text;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Host.Serial;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine;
using StratoVirt.Machine.Detached;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Host.CommandLine;

/// <summary>The host as StratoVirt's command line starts it: in the foreground, or as its own starter with
/// <c>-daemonize</c>.</summary>
internal static class CommandLineHost
{
    /// <summary>Stands before the arguments of the process that goes on in the background.</summary>
    public const string DaemonArgument = "--daemon";

    /// <summary>Carries a command line out.</summary>
    /// <param name="arguments">The options.</param>
    /// <param name="isDaemon">This is the process that goes on in the background.</param>
    /// <returns>The process's exit code.</returns>
    public static int Run(string[] arguments, bool isDaemon)
    {
        CommandPlan plan;
        try
        {
            CommandSettings settings = CommandLineReader.Read(arguments);
            if (settings.Help || settings.Version)
            {
                Print(settings.Help ? HelpText.Create() : $"StratoVirt for PowerShell {Version}\n");
                return ExitCode.Ended;
            }

            plan = PlanComposer.Compose(settings, Environment.ProcessId);
        }
        catch (CommandLineException wrong)
        {
            HostLog.Complain($"{wrong.Message} (stratovirt -h lists the options)");
            return ExitCode.WrongUse;
        }

        if (isDaemon)
        {
            return AnsweringHost.Run(() => MachineHost.Create(OrderOf(plan), kernel: null));
        }

        try
        {
            return plan.Daemonize ? GoOnInTheBackground(plan, arguments) : RunHere(plan);
        }
        catch (MachineException failure)
        {
            HostLog.Complain($"{failure.Message} {failure.RecommendedAction}{(failure.InnerException is { } cause ? $" ({cause.Message})" : "")}");
        }
        catch (Exception failure) when (failure is DefinitionException or LinuxException)
        {
            HostLog.Complain(failure.Message);
        }

        return ExitCode.Failed;
    }

    private static string Version => typeof(CommandLineHost).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    private static int RunHere(CommandPlan plan)
    {
        if (plan.LogFile is not null)
        {
            HostLog.WriteTo(plan.LogFile);
        }

        using MachineHost host = MachineHost.Create(OrderOf(plan), kernel: null);
        using SerialLink? serial = plan.Serial.Kind == SerialTargetKind.StandardStreams ? SerialLink.Open(plan.Serial, host.Console, host.Guard) : null;
        host.Start();
        return host.RunToTheEnd();
    }

    // No fork: a program of many threads would leave most of itself behind. It starts itself anew instead, as
    // Start-StratoVm -Detached does.
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Reliability", "CA2000", Justification = "The process goes on without its starter; disposing of it would end it.")]
    private static int GoOnInTheBackground(CommandPlan plan, string[] arguments)
    {
        string name = plan.Definition.Metadata.Name;
        _ = DetachedHost.Launch(new HostLaunch
        {
            Program = Environment.ProcessPath!,
            // The name may be made of a process id, and the two have different ones.
            Arguments = [DaemonArgument, .. arguments, "-name", name],
            Log = plan.LogFile ?? new RuntimeDirectory(RuntimeDirectory.DefaultRoot).PrepareHostLog(name),
            Machine = name,
        });
        return ExitCode.Ended;
    }

    private static HostOrder OrderOf(CommandPlan plan) => new()
    {
        Definition = plan.Definition,
        BaseDirectory = Environment.CurrentDirectory,
        RuntimeRoot = RuntimeDirectory.DefaultRoot,
        Paused = plan.Frozen,
        Contained = !plan.DisableSeccomp,
        PidFile = Absolute(plan.PidFile),
        SerialFile = plan.Serial.Kind == SerialTargetKind.File ? Absolute(plan.Serial.Path) : null,
        ControlSockets = Array.ConvertAll([.. plan.ControlSockets], Path.GetFullPath),
    };

    private static string? Absolute(string? path) => path is null ? null : Path.GetFullPath(path);

    private static void Print(string text)
    {
        using var output = new FileDescriptor(1, ownsHandle: false);
        _ = output.WriteAll(Encoding.UTF8.GetBytes(text));
    }
}
