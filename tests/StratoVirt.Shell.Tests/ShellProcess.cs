using System.Diagnostics;

namespace StratoVirt.Shell.Tests;

/// <summary>A run of the built shell, as a user's.</summary>
internal static class ShellProcess
{
    // Far beyond what any of them takes; a hang shows as a failure and not as a stuck build.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The published shell that runs the tests, where one does (it starts three times as fast); else the
    /// one just built.</summary>
    public static string Executable { get; } = Environment.GetEnvironmentVariable("STRATOVIRT_TEST_SHELL")
        ?? Path.Combine(AppContext.BaseDirectory, "strato-shell");

    public static ShellRun Run(string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NO_COLOR"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
            process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"strato-shell {string.Join(' ', arguments)} did not end.");
        }
        return new ShellRun(process.ExitCode, output.Result, error.Result);
    }
}

/// <summary>What a run left behind.</summary>
internal sealed record ShellRun(int Code, string Output, string Error);
