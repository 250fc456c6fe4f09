using System.Diagnostics;
using StratoVirt.Guests;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Host.Tests.Native;

/// <summary>The program as those who know StratoVirt's command line start it.</summary>
public sealed class CommandLineHostTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _parent = Directory.CreateTempSubdirectory("stratovirt-cli-").FullName;

    public CommandLineHostTests() => File.WriteAllBytes(At("hello.elf"), HelloGuest.Assemble());

    private RuntimeDirectory Runtime => new(At("run"));

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [HostFact]
    public async Task AConsoleOnStandardStreamsTalksToTheGuest()
    {
        using Process host = Start("-kernel", At("hello.elf"), "-name", "cli", "-m", "32", "-serial", "stdio");
        await Expect(host, "hello> ");
        Assert.Equal(host.Id, Runtime.Inspect("cli")!.ProcessId);
        await host.StandardInput.WriteAsync("poweroff\r");
        await host.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await AwaitExit(host);
        Assert.Equal(0, host.ExitCode);
        Assert.Equal(ShutdownCause.GuestShutdown, Runtime.FindEnd("cli")!.Cause);
    }

    [HostFact]
    public async Task AGuestThatDoesNotHearTheButtonIsTurnedOffByASecondSignal()
    {
        using Process host = Start("-kernel", At("hello.elf"), "-name", "deaf", "-m", "32", "-serial", "stdio");
        await Expect(host, "hello> ");
        await host.StandardInput.WriteAsync("spin\r");
        await host.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await Expect(host, "spin");
        Signal(host.Id, "TERM");
        await Expect(host.StandardError, "pressing the power button");
        Signal(host.Id, "TERM");
        await AwaitExit(host);
        Assert.Equal(ShutdownCause.HostRequest, Runtime.FindEnd("deaf")!.Cause);
    }

    [HostFact]
    public async Task ADaemonRunsWhenItsStarterReturnsAndItsFilesSaySo()
    {
        using Process starter = Start(
            "-kernel", At("hello.elf"), "-name", "daemon", "-m", "32", "-serial", $"file,path={At("serial")}", "-daemonize",
            "-pidfile", At("pid"), "-D", At("log"));
        await AwaitExit(starter);
        Assert.Equal(0, starter.ExitCode);

        RuntimeOwner owner = Runtime.Inspect("daemon")!;
        Assert.Equal($"{owner.ProcessId}\n", await File.ReadAllTextAsync(At("pid"), TestContext.Current.CancellationToken));
        Assert.True(SpinWait.SpinUntil(() => File.ReadAllText(At("serial")).Contains("hello> ", StringComparison.Ordinal), Patience));
        Signal(owner.ProcessId, "TERM");
        Assert.True(SpinWait.SpinUntil(() => !File.Exists(At("pid")), Patience));
        Assert.Equal(ShutdownCause.GuestShutdown, Runtime.FindEnd("daemon")!.Cause);
        Assert.Contains("guest-shutdown", await File.ReadAllTextAsync(At("log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [HostFact]
    public async Task AFailureIsSaidToWhoeverTypedTheCommand()
    {
        using Process missing = Start("-kernel", At("no kernel"), "-name", "none");
        await AwaitExit(missing);
        string error = await missing.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("no kernel", error, StringComparison.Ordinal);

        using Process daemon = Start("-kernel", At("no kernel"), "-name", "none", "-daemonize");
        await AwaitExit(daemon);
        Assert.Equal(1, daemon.ExitCode);
        Assert.Contains("no kernel", await daemon.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        using Process wrong = Start("-kernal", At("hello.elf"));
        await AwaitExit(wrong);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("did you mean 'kernel'?", await wrong.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [HostFact]
    public async Task ItSaysWhatItIs()
    {
        using Process version = Start("-version");
        Assert.StartsWith("StratoVirt", await version.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using Process help = Start("-h");
        Assert.Contains("-kernel FILE", await help.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private string At(string name) => Path.Combine(_parent, name);

    private Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(HostFactAttribute.Program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["STRATOVIRT_RUNTIME"] = At("run") },
    })!;

    private static Task Expect(Process host, string text) => Expect(host.StandardOutput, text);

    private static async Task Expect(StreamReader output, string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        string seen = string.Empty;
        char[] buffer = new char[256];
        while (!seen.Contains(text, StringComparison.Ordinal))
        {
            int count = await output.ReadAsync(buffer, limit.Token);
            Assert.True(count > 0, $"It ended before it said '{text}': {seen}");
            seen += new string(buffer, 0, count);
        }
    }

    private static async Task AwaitExit(Process process)
    {
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
    }

    private static void Signal(int process, string signal)
    {
        using var kill = Process.Start("/bin/kill", ["-s", signal, $"{process}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
