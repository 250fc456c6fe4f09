using System.Globalization;
using System.Text;
using StratoVirt.Backends.Net.Stream;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Processes;

namespace StratoVirt.Backends.Net.Passt;

/// <summary>
/// The host's network through passt(1), which needs no privilege: a child process at the other end of a nameless socket
/// that it was born with. Nobody else can connect to it, no file is left behind, and it ends by itself when this process
/// does, because its connection ends. It is not started again when it fails: the guest's addresses and connections live
/// in it.
/// </summary>
public sealed class PasstBackend : INetBackend
{
    private const string ProgramName = "passt";
    private const int OutputShown = 512;

    private readonly StreamBackend _stream;
    private readonly ChildProcess _process;
    private readonly MemFd _output;

    private PasstBackend(StreamBackend stream, ChildProcess process, MemFd output)
    {
        _stream = stream;
        _process = process;
        _output = output;
        Lifeline = process.OpenDescriptor();
    }

    /// <summary>The child's process id.</summary>
    public int ProcessId => _process.Id;

    /// <inheritdoc/>
    public IReadOnlyList<INetQueue> Queues => _stream.Queues;

    /// <inheritdoc/>
    public NetOffloads Offloads => NetOffloads.None;

    /// <inheritdoc/>
    public int? Mtu => _stream.Mtu;

    /// <inheritdoc/>
    public FileDescriptor? Lifeline { get; }

    /// <inheritdoc/>
    public string? Problem => _stream.Problem is not { } lost ? null
        : _process.ExitCode is { } code ? $"passt has ended with exit code {code}{LastWords()}"
        : $"passt has gone: {lost}";

    /// <summary>Starts passt for one network card.</summary>
    /// <exception cref="NetBackendException">It is not installed, or cannot be started. That it ends later, a wrong
    /// option being the usual reason, shows in <see cref="Problem"/>.</exception>
    public static PasstBackend Start(PasstOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string program = options.Program ?? FindOnPath() ?? throw new NetBackendException(
            NetBackendError.ProgramMissing,
            "User-mode networking needs the program 'passt', which is not on PATH. On Debian and Ubuntu: apt-get install passt");
        UnixSocket? ours = null;
        MemFd? output = null;
        try
        {
            (ours, UnixSocket theirs) = UnixSocket.CreatePair();
            using (theirs)
            {
                output = MemFd.Create(ProgramName, 0, sealSize: false);
                ChildProcess process = ChildProcess.Start(program, ArgumentsFor(options), theirs, output);
                return new PasstBackend(new StreamBackend(ours, options.Mtu), process, output);
            }
        }
        catch (LinuxException refusal)
        {
            ours?.Dispose();
            output?.Dispose();
            throw new NetBackendException(NetBackendError.ProgramFailed, $"'{program}' cannot be started. {refusal.Message}", refusal);
        }
    }

    /// <inheritdoc/>
    public bool SetOffloads(NetOffloads offloads) => _stream.SetOffloads(offloads);

    /// <inheritdoc/>
    public bool SetQueuesInUse(int count) => _stream.SetQueuesInUse(count);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        Lifeline?.Dispose();
        _process.Dispose();
        _output.Dispose();
    }

    private static List<string> ArgumentsFor(PasstOptions options)
    {
        List<string> arguments =
        [
            "--foreground", "--quiet",
            "--fd", ChildProcess.GivenDescriptor.ToString(CultureInfo.InvariantCulture),
            "--mtu", options.Mtu.ToString(CultureInfo.InvariantCulture),
        ];
        Add("--tcp-ports", options.TcpPorts);
        Add("--udp-ports", options.UdpPorts);
        arguments.AddRange(options.Arguments);
        return arguments;

        void Add(string option, string value)
        {
            if (value.Length != 0)
            {
                arguments.Add(option);
                arguments.Add(value);
            }
        }
    }

    private static string? FindOnPath() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, ProgramName))
        .FirstOrDefault(File.Exists);

    // What it printed last tells a wrong option; what it means is for the operator to judge.
    private string LastWords()
    {
        if (_output.IsClosed)
        {
            return string.Empty;
        }

        Span<byte> text = stackalloc byte[OutputShown];
        long length = (long)FileStatus.Of(_output).Length;
        _ = _output.ReadAt(text, Math.Max(0, length - OutputShown), out int count);
        string[] lines = Encoding.UTF8.GetString(text[..count])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? string.Empty : $": {string.Join(" | ", lines.TakeLast(2))}";
    }
}
