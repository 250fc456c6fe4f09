using System.Diagnostics;
using System.Text;

namespace StratoVirt.Shell.Tests;

/// <summary>The shell on a pseudo-terminal, which script(1) of util-linux provides.</summary>
internal sealed class TerminalSession : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("stratovirt-home");
    private readonly StringBuilder _shown = new();
    private readonly Process _process;
    private int _read;

    private TerminalSession()
    {
        // A build started in the background has SIGINT ignored, and children inherit that.
        string command = $"stty rows 24 cols 100; exec env --default-signal=INT '{ShellProcess.Executable}' -NoLogo";
        var start = new ProcessStartInfo("script", ["-qefc", command, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm";
        start.Environment["XDG_STATE_HOME"] = _home.FullName;
        start.Environment["SHELL"] = "/bin/sh";
        _process = Process.Start(start)!;
        new Thread(ReadOutput) { IsBackground = true }.Start();
    }

    public static TerminalSession Start()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script(1) of util-linux is not installed");
        var session = new TerminalSession();
        session.WaitFor("PS ");
        return session;
    }

    public string HistoryFile => Path.Combine(_home.FullName, "stratovirt", "history");

    public void Type(string keys)
    {
        _process.StandardInput.Write(keys);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits until the text appears after what was waited for before.</summary>
    public void WaitFor(string text)
    {
        var watch = Stopwatch.StartNew();
        lock (_shown)
        {
            while (true)
            {
                string shown = _shown.ToString(_read, _shown.Length - _read);
                int found = shown.IndexOf(text, StringComparison.Ordinal);
                if (found >= 0)
                {
                    _read += found + text.Length;
                    return;
                }
                if (watch.Elapsed > Limit || !Monitor.Wait(_shown, Limit))
                    Assert.Fail($"'{text}' did not appear; the terminal shows: {shown}");
            }
        }
    }

    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(Limit), "the shell did not end");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _home.Delete(recursive: true);
    }

    private void ReadOutput()
    {
        var buffer = new char[4096];
        int count;
        while ((count = _process.StandardOutput.Read(buffer)) > 0)
        {
            lock (_shown)
            {
                _shown.Append(buffer, 0, count);
                Monitor.PulseAll(_shown);
            }
        }
    }
}
