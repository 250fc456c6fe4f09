using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Processes;

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

    private static readonly TimeSpan ConnectStep = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    // Stopping a queue waits for requests under way, on whatever disk they are.
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(30);

    // The connection closes a moment before there is an exit code.
    private const int EndPatienceMs = 100;

    private readonly ChildProcess _process;
    private readonly OutputTail _output;

    // Made before the process contains itself: later a thread may wait on it, and open no other.
    private readonly FileDescriptor? _descriptor;
    private readonly Epoll _end = Epoll.Create();
    private bool _isDisposed;

    private VirtioFsDaemon(ChildProcess process, OutputTail output, UnixSocket socket)
    {
        _process = process;
        _output = output;
        _descriptor = process.OpenDescriptor();
        if (_descriptor is not null)
        {
            _end.Add(_descriptor, EpollEvents.In, 0);
        }

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
            IReadOnlyList<string> command = VirtioFsCommand.For(program, share, path);
            var output = new OutputTail();
            ChildProcess? process = null;
            try
            {
                process = output.Launch(command[0], [.. command.Skip(1)]);
                return new VirtioFsDaemon(process, output, Connect(process, output, path));
            }
            catch (Exception failure)
            {
                process?.Dispose();
                output.Dispose();
                if (failure is LinuxException refused)
                {
                    throw new VhostUserException($"virtiofsd cannot be reached: {refused.Message}", refused);
                }

                throw;
            }
        }
        finally
        {
            hidden.Delete(recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Kill() => _process.Dispose();

    /// <inheritdoc/>
    public string DescribeEnd()
    {
        if (_descriptor is not null)
        {
            _end.Wait(new EpollEvent[1], EndPatienceMs);
        }

        string end = _process.ExitCode is { } code ? $"virtiofsd ended with {code}" : "virtiofsd closed the connection";
        return _output.Text is { Length: > 0 } text ? $"{end}: {text}" : $"{end}.";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Frontend.Dispose();
            _end.Dispose();
            _descriptor?.Dispose();
            _process.Dispose();
            _output.Dispose();
        }
    }

    private static UnixSocket Connect(ChildProcess process, OutputTail output, string path)
    {
        long deadline = Environment.TickCount64 + (long)StartPatience.TotalMilliseconds;
        int? code;
        while ((code = process.WaitForExit(ConnectStep)) is null)
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

        throw new VhostUserException($"virtiofsd ended with {code} at its start: {output.Text}");
    }
}
