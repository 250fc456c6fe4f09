using StratoVirt.Definitions;
using StratoVirt.Machine;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Control.Tests;

/// <summary>A machine with the built-in guest, served in a directory of its own.</summary>
internal sealed class ServedMachine : IDisposable
{
    public ServedMachine(Func<VmSpec, VmSpec>? shape = null, bool start = true, int cpus = 1, Action<string>? prepare = null)
    {
        var spec = new VmSpec { Cpus = cpus, Memory = ByteSize.FromMebibytes(32), Boot = new BootSpec { BuiltIn = true } };
        Directory = System.IO.Directory.CreateTempSubdirectory("svq").FullName;
        File.SetUnixFileMode(Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        prepare?.Invoke(Directory);
        Runtime = new RuntimeDirectory(Directory);
        var environment = new MachineEnvironment { Runtime = Runtime, BaseDirectory = Directory };
        Machine = VirtualMachine.Create(
            new VmDefinition { Metadata = new VmMetadata { Name = "test" }, Spec = shape?.Invoke(spec) ?? spec }, environment);
        Server = ControlServer.Start(Machine, Machine.ControlSocketPath!, Faults.Enqueue);
        if (start)
        {
            Machine.Start();
        }
    }

    public string Directory { get; }

    public RuntimeDirectory Runtime { get; }

    public VirtualMachine Machine { get; }

    public ControlServer Server { get; }

    public System.Collections.Concurrent.ConcurrentQueue<Exception> Faults { get; } = new();

    public RawClient Connect(bool negotiate = true)
    {
        var client = new RawClient(Machine.ControlSocketPath!);
        client.ReadLine();
        if (negotiate)
        {
            client.Send("{\"execute\":\"qmp_capabilities\"}");
            Assert.Equal("{\"return\":{}}", client.ReadLine());
        }

        return client;
    }

    public void Dispose()
    {
        Machine.Dispose();
        Server.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
        Assert.Empty(Faults);
    }
}
