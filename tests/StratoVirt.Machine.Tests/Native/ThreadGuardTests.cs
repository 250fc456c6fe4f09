using System.Collections.Concurrent;
using StratoVirt.Definitions.Devices;
using StratoVirt.Linux.Threads;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Machine.Tests.Native;

/// <summary>Every thread a machine makes says what it is for, once, before it serves.</summary>
public sealed class ThreadGuardTests : IThreadGuard, IDisposable
{
    private readonly ConcurrentQueue<(ThreadRole Role, string Name)> _entered = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stratovirt-guard-");

    public void Enter(ThreadRole role) => _entered.Enqueue((role, Thread.CurrentThread.Name ?? string.Empty));

    public void Dispose() => _directory.Delete(recursive: true);

    [KvmFact]
    public void Every_thread_says_what_it_is_for()
    {
        var definition = GuestSession.Definition("guarded", cpus: 2);
        definition = definition with
        {
            Spec = definition.Spec with
            {
                Console = definition.Spec.Console with { Log = true },
                Disks = [new DiskSpec { Name = "disk", Path = MakeImage("disk"), Engine = DiskEngine.Threads }],
                Ports = [new ConsolePortSpec { Name = "port" }],
            },
        };
        var environment = new MachineEnvironment
        {
            ThreadGuard = this,
            Runtime = new RuntimeDirectory(Path.Combine(_directory.FullName, "run")),
        };
        using (var guest = new GuestSession(VirtualMachine.Create(definition, environment)))
        {
            guest.Expect("hello> ");
            guest.Machine.Reset();
            guest.Expect("hello> ");
            guest.Machine.AddDevice(new DiskSpec { Name = "more", Path = MakeImage("more"), Engine = DiskEngine.IoUring });
        }

        Assert.Equal(
            [
                (ThreadRole.Control, "sv guarded"),
                (ThreadRole.Vcpu, "vcpu0 guarded"), (ThreadRole.Vcpu, "vcpu0 guarded"),
                (ThreadRole.Vcpu, "vcpu1 guarded"), (ThreadRole.Vcpu, "vcpu1 guarded"),
                (ThreadRole.Io, "io"), (ThreadRole.Io, "io-disk"), (ThreadRole.Io, "io-more"),
                (ThreadRole.Worker, "blk-worker-0"), (ThreadRole.Worker, "blk-worker-1"),
                (ThreadRole.Worker, "blk-worker-2"), (ThreadRole.Worker, "blk-worker-3"),
                (ThreadRole.Log, "strato-log"),
            ],
            _entered.OrderBy(entry => entry.Role).ThenBy(entry => entry.Name, StringComparer.Ordinal));
    }

    private string MakeImage(string name)
    {
        string path = Path.Combine(_directory.FullName, name);
        using FileStream file = File.Create(path);
        file.SetLength(1 << 20);
        return path;
    }
}
