using System.Diagnostics;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;

namespace StratoVirt.Backends.VhostUser;

/// <summary>
/// A virtiofsd of our own: started with a socket nobody else can reach, connected to, and ended with the device. Both
/// the program of QEMU 7 (C) and its successor (Rust) are known. It ends by itself when the connection does, hence also
/// when this process is killed.
/// </summary>
public sealed class VirtioFsDaemon : IVhostUserBackend
{
    /// <summary>Where distributions put virtiofsd.</summary>
    public static readonly IReadOnlyList<string> UsualPrograms =
    [
        "/usr/libexec/virtiofsd",
        "/usr/lib/virtiofsd",
        "/usr/lib/virtiofsd/virtiofsd",
        "/usr/bin/virtiofsd",
        "/usr/lib/qemu/virtiofsd",
        "/usr/libexec/qemu/virtiofsd",
    ];

    private const int ConnectStepMs = 5;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    // Stopping a queue waits for requests under way, on whatever disk they are.
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly OutputTail _output;
    private bool _isDisposed;

    private VirtioFsDaemon(Process process, OutputTail output, UnixSocket socket)
    {
        _process = process;
        _output = output;
        Frontend = new VhostUserFrontend(socket, AnswerPatience);
    }

    /// <inheritdoc/>
    public VhostUserFrontend Frontend { get; }

    /// <summary>Its process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts a virtiofsd and connects to it.</summary>
    /// <exception cref="VhostUserException">There is none, it cannot serve the directory as asked, or it does not start.</exception>
    public static VirtioFsDaemon Start(VirtioFsShare share)
    {
        ArgumentNullException.ThrowIfNull(share);
        if (!Directory.Exists(share.Path))
        {
            throw new VhostUserException(VhostUserError.Unservable, $"'{share.Path}' is no directory that can be shared.");
        }

        string program = share.Program ?? UsualPrograms.FirstOrDefault(File.Exists)
            ?? throw new VhostUserException(
                VhostUserError.ProgramMissing, "virtiofsd is not installed (Debian 12: qemu-system-common; later: virtiofsd).");

        // For this user alone, and gone as soon as the one connection there will be is made.
        DirectoryInfo hidden = Directory.CreateTempSubdirectory("stratovirt-fs-");
        try
        {
            string path = Path.Combine(hidden.FullName, "s");
            var output = new OutputTail();
            Process process = Launch(VirtioFsCommand.For(program, share, path), output);
            return new VirtioFsDaemon(process, output, Connect(process, output, path));
        }
        finally
        {
            hidden.Delete(recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            End(_process);
        }
    }

    /// <inheritdoc/>
    public string DescribeEnd()
    {
        const int MomentMs = 100;
        string end = _process.WaitForExit(MomentMs) ? $"virtiofsd ended with {_process.ExitCode}" : "virtiofsd closed the connection";
        return _output.Text is { Length: > 0 } text ? $"{end}: {text}" : $"{end}.";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Frontend.Dispose();
            Kill();
            _process.Dispose();
        }
    }

    private static Process Launch(IReadOnlyList<string> command, OutputTail output)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, line) => output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => output.Add(line.Data);
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception refused)
        {
            process.Dispose();
            throw new VhostUserException($"virtiofsd cannot be started: {refused.Message}", refused);
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static UnixSocket Connect(Process process, OutputTail output, string path)
    {
        try
        {
            long deadline = Environment.TickCount64 + (long)StartPatience.TotalMilliseconds;
            while (!process.WaitForExit(ConnectStepMs))
            {
                if (File.Exists(path) && UnixSocket.TryConnect(path, out _) is { } socket)
                {
                    return socket;
                }

                if (Environment.TickCount64 > deadline)
                {
                    throw new VhostUserException($"virtiofsd offered no socket within {StartPatience.TotalSeconds:0} s: {output.Text}");
                }
            }

            process.WaitForExit();
            throw new VhostUserException($"virtiofsd ended with {process.ExitCode} at its start: {output.Text}");
        }
        catch (Exception failure) when (failure is VhostUserException or LinuxException)
        {
            End(process);
            process.Dispose();
            throw failure as VhostUserException ?? new VhostUserException($"virtiofsd cannot be reached: {failure.Message}", failure);
        }
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
    }
}
