using System.Text.Json;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine;
using StratoVirt.Machine.Detached;

namespace StratoVirt.Host;

/// <summary>The host as <see cref="DetachedHost"/> starts it: an order on one descriptor, the answer on another.</summary>
internal static class OrderedHost
{
    // A definition is a few kilobytes, and its own limits keep it below a megabyte.
    private const ulong MaxOrderBytes = 16 << 20;

    /// <summary>Carries the order out.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run()
    {
        // Nobody's mount is kept busy for as long as the machine runs.
        Environment.CurrentDirectory = "/";
        using MachineHost? host = Start();
        return host?.RunToTheEnd() ?? ExitCode.Failed;
    }

    // Null when it could not be; whoever ordered it has been told then.
    private static MachineHost? Start()
    {
        using var answers = new FileDescriptor(HostOrder.AnswerDescriptor);
        MachineHost? host = null;
        HostAnswer answer;
        try
        {
            host = MachineHost.Create(ReadOrder());
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
        }

        _ = answers.WriteAll(answer.ToUtf8());
        return host;
    }

    private static HostOrder ReadOrder()
    {
        using var order = new FileDescriptor(HostOrder.Descriptor);
        var text = new byte[Math.Min(FileStatus.Of(order).Length, MaxOrderBytes)];
        Errno errno = order.ReadAt(text, 0, out int count);
        return errno == Errno.None
            ? HostOrderJson.Deserialize(text.AsSpan(0, count))
            : throw new LinuxException("read", errno, "the order");
    }
}
