using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Processes;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Machine.Detached;

/// <summary>
/// A machine's own process, seen from the one that started it. It lives in a session of its own and outlives its
/// starter; what it has to say goes into <see cref="RuntimeDirectory.HostLogPath"/>.
/// </summary>
public sealed class DetachedHost : IDisposable
{
    private const int LogMode = 0x180;
    private const int PollMilliseconds = 100;

    // All that a host and its helpers look at; the rest of a session's environment is none of a guest's host's business.
    private static readonly string[] Variables = ["PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "STRATOVIRT_RUNTIME"];

    private readonly ChildProcess _process;

    private DetachedHost(ChildProcess process) => _process = process;

    /// <summary>Its process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether it has ended. Asking is what lets the kernel forget a process that has.</summary>
    public bool HasEnded => _process.ExitCode is not null;

    /// <summary>Orders a machine from a host program and returns when it runs.</summary>
    /// <param name="program">The host program.</param>
    /// <param name="order">What it is to run.</param>
    /// <param name="kernelCache">Directory that keeps unpacked kernels: they are unpacked here. Null keeps none.</param>
    /// <param name="cancellationToken">Ends the attempt, and the process with it.</param>
    /// <exception cref="MachineException">The kernel cannot be used, or as <see cref="Launch"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DetachedHost Start(
        string program, HostOrder order, string? kernelCache, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        ArgumentNullException.ThrowIfNull(order);
        using OpenKernel? kernel = order.Definition.Spec.Boot.Kernel is { } path
            ? OpenKernel.Open(Path.GetFullPath(path, order.BaseDirectory), kernelCache)
            : null;
        string name = order.Definition.Metadata.Name;
        using MemFd written = Write(HostOrderJson.Serialize(order with { KernelStart = kernel?.Start }));
        return Launch(
            new HostLaunch
            {
                Program = program,
                Arguments = [HostOrder.Argument],
                Given = kernel is null ? [written] : [written, kernel.File],
                Log = new RuntimeDirectory(order.RuntimeRoot).PrepareHostLog(name),
                Machine = name,
            },
            cancellationToken);
    }

    /// <summary>Starts a host program and returns when its machine runs.</summary>
    /// <param name="launch">How it is started.</param>
    /// <param name="cancellationToken">Ends the attempt, and the process with it.</param>
    /// <exception cref="MachineException">The host's own error; <see cref="MachineErrorId.HostMissing"/>;
    /// <see cref="MachineErrorId.HostFailed"/> when it died without a word.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DetachedHost Launch(HostLaunch launch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(launch);
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreatePair();
        ChildProcess? process = null;
        try
        {
            using (theirs)
            {
                process = Spawn(launch, theirs);
            }

            HostAnswer answer = AwaitAnswer(ours, cancellationToken) ?? throw Died(launch, process);
            if (answer.ErrorId is not null)
            {
                throw answer.ToException();
            }

            var host = new DetachedHost(process);
            process = null;
            return host;
        }
        finally
        {
            process?.Dispose();
            ours.Dispose();
        }
    }

    /// <summary>Ends it if it still runs, without asking it or its guest.</summary>
    public void Dispose() => _process.Dispose();

    private static MemFd Write(byte[] order)
    {
        MemFd file = MemFd.Create("stratovirt-order", 0, sealSize: false);
        Errno errno = file.WriteAt(order, 0, out int count);
        if (errno == Errno.None && count == order.Length)
        {
            return file;
        }

        file.Dispose();
        throw new LinuxException("write", errno, "the order");
    }

    private static ChildProcess Spawn(HostLaunch launch, UnixSocket answer)
    {
        using FileDescriptor output = FileDescriptor.Open(
            launch.Log, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append, LogMode);
        try
        {
            return ChildProcess.Start(new ChildPlan
            {
                Path = launch.Program,
                Arguments = launch.Arguments,
                Given = [answer, .. launch.Given],
                Output = output,
                OwnSession = true,
                Environment =
                [
                    .. Variables.Select(name => (name, value: Environment.GetEnvironmentVariable(name)))
                        .Where(variable => variable.value is not null).Select(variable => $"{variable.name}={variable.value}"),
                ],
            });
        }
        catch (LinuxException refused)
        {
            throw new MachineException(
                MachineErrorId.HostMissing,
                $"The host program '{launch.Program}' cannot be started.",
                "Build it with build.ps1 -Task Build, or start the machine in this process, without -Detached.",
                refused);
        }
    }

    /// <summary>All that it says until it closes its end; null when that is no answer.</summary>
    private static HostAnswer? AwaitAnswer(UnixSocket answers, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[HostAnswer.MaxLength];
        int length = 0;
        using Epoll epoll = Epoll.Create();
        epoll.Add(answers, EpollEvents.In, 0);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (epoll.Wait(new EpollEvent[1], PollMilliseconds) == 0)
            {
                continue;
            }

            Errno errno = answers.Read(buffer.AsSpan(length), out int count);
            if (errno == Errno.Again)
            {
                continue;
            }

            if (count == 0)
            {
                return HostAnswer.TryParse(buffer.AsMemory(0, length));
            }

            length += count;
        }
    }

    private static MachineException Died(HostLaunch launch, ChildProcess process)
    {
        // It has closed its end: it is gone, or is just going.
        int code = process.WaitForExit(TimeSpan.FromSeconds(1)) ?? -1;
        string how = code switch
        {
            > ChildProcess.SignalledExit => $"signal {code - ChildProcess.SignalledExit} ended it",
            0 => "the process it had started in a jail ended",
            _ => $"exit code {code}",
        };
        return new MachineException(
            MachineErrorId.HostFailed,
            $"The host process of machine '{launch.Machine}' died while it set the machine up: {how}.",
            $"Read '{launch.Log}'.");
    }
}
