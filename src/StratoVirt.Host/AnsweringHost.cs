using System.Text.Json;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine;
using StratoVirt.Machine.Detached;

namespace StratoVirt.Host;

/// <summary>A host that somebody waits for (<see cref="DetachedHost.Launch"/>): it says once, on a descriptor, that its
/// machine runs or why it does not.</summary>
internal static class AnsweringHost
{
    /// <summary>Runs a machine to its end.</summary>
    /// <param name="create">Builds it; null when another process runs it, which then answers.</param>
    /// <returns>The process's exit code.</returns>
    public static int Run(Func<MachineHost?> create)
    {
        using MachineHost? host = Start(create, out bool isRefused);
        return host?.RunToTheEnd() ?? (isRefused ? ExitCode.Failed : ExitCode.Ended);
    }

    // Null when it could not be; whoever waits has been told then.
    private static MachineHost? Start(Func<MachineHost?> create, out bool isRefused)
    {
        isRefused = false;
        using var answers = new FileDescriptor(HostOrder.AnswerDescriptor);
        MachineHost? host = null;
        HostAnswer answer;
        try
        {
            host = create();
            if (host is null)
            {
                return null;
            }

            // Nobody's mount is kept busy for as long as the machine runs.
            Environment.CurrentDirectory = "/";
            host.Start();
            answer = HostAnswer.Ready;
        }
        catch (MachineException failure)
        {
            answer = HostAnswer.For(failure);
        }
        catch (Exception failure) when (failure is LinuxException or JsonException or DefinitionException)
        {
            answer = new HostAnswer
            {
                ErrorId = nameof(MachineErrorId.HostFailed),
                Message = failure.Message,
                RecommendedAction = "Build module and host anew: they may not be from one build.",
            };
        }

        if (answer.ErrorId is not null)
        {
            HostLog.Write($"{answer.ErrorId}: {answer.Message} {answer.RecommendedAction}{(answer.Cause is null ? "" : $" ({answer.Cause})")}");
            host?.Dispose();
            host = null;
            isRefused = true;
        }

        _ = answers.WriteAll(answer.ToUtf8());
        return host;
    }
}
