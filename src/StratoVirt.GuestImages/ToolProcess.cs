using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace StratoVirt.GuestImages;

/// <summary>
/// A child process whose standard output is read on the calling thread. It is killed on cancellation and on disposal,
/// so that none outlives the work it was started for.
/// </summary>
internal sealed class ToolProcess : IDisposable
{
    // Enough for any complaint; a tool that writes more is cut short rather than believed.
    private const int ErrorTextLimit = 64 * 1024;

    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _cancellationToken;

    private ToolProcess(Process process, CancellationToken cancellationToken)
    {
        _process = process;
        _cancellationToken = cancellationToken;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                if (line.Data is not null && _errors.Length + line.Data.Length < ErrorTextLimit)
                {
                    _errors.AppendLine(line.Data);
                }
            }
        };
        _process.BeginErrorReadLine();
        _registration = cancellationToken.Register(Kill);
    }

    /// <summary>What the process prints, as bytes.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>What the process prints, as text.</summary>
    public StreamReader OutputText => _process.StandardOutput;

    /// <summary>What it has complained about so far.</summary>
    public string ErrorText
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString().Trim();
            }
        }
    }

    /// <summary>Starts a program with these arguments, nothing on its standard input and messages in English.</summary>
    /// <exception cref="GuestImageException">The program is not there.</exception>
    public static ToolProcess Start(
        string program, IEnumerable<string> arguments, string? workingDirectory, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? string.Empty,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception cause)
        {
            throw new GuestImageException(
                GuestImageErrorId.AptMissing,
                $"This host has no usable '{program}', which is needed to fetch and unpack Debian packages.",
                "Give the kernel and its modules with -Kernel and -ModulePath, or do this on a Debian host.",
                cause);
        }

        process.StandardInput.Close();
        return new ToolProcess(process, cancellationToken);
    }

    /// <summary>Waits for the end and returns the exit code.</summary>
    public int WaitForExit()
    {
        _process.WaitForExit();
        _cancellationToken.ThrowIfCancellationRequested();
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        Kill();
        _process.Dispose();
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself, which is what was wanted.
        }
    }
}
