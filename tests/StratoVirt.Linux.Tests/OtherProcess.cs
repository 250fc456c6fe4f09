using System.Diagnostics;
using System.Runtime.CompilerServices;
using StratoVirt.Linux.Tests.Containment;

namespace StratoVirt.Linux.Tests;

/// <summary>Runs what a process does not survive, or does not get rid of, in one of its own: this very executable, told
/// by an environment variable what to do before the test runner starts.</summary>
internal static class OtherProcess
{
    private const string Variable = "STRATOVIRT_LINUX_TEST";

    /// <summary>Runs an act to its end.</summary>
    internal static (int ExitCode, string Output) Run(params string[] act)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) 
        {
            RedirectStandardOutput = true,

            // A runtime that dies says so at length.
            RedirectStandardError = true,
        };
        start.Environment[Variable] = string.Join('\n', act);
        using Process process = Process.Start(start)!;
        Task<string[]> reading = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            process.Kill();
            throw new TimeoutException($"'{act[0]}' does not end.");
        }

        return (process.ExitCode, reading.GetAwaiter().GetResult()[0]);
    }

    [ModuleInitializer]
    internal static void RunIfTold()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } told)
        {
            ContainedActs.Run(told.Split('\n'));
            Environment.Exit(0);
        }
    }
}
