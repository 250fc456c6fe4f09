using StratoVirt.Definitions;

namespace StratoVirt.Store.Tests;

/// <summary>A store in a directory of its own, deleted with everything in it.</summary>
internal sealed class TemporaryStore : IDisposable
{
    internal TemporaryStore()
    {
        Root = Directory.CreateTempSubdirectory("stratovirt-store-").FullName;
        Store = new DefinitionStore(Root);
    }

    internal string Root { get; }

    internal DefinitionStore Store { get; }

    internal string Machines => Path.Combine(Root, "vms");

    internal static VmDefinition Define(string name, int cpus = 1) => new()
    {
        Metadata = new VmMetadata { Name = name },
        Spec = new VmSpec { Cpus = cpus, Boot = new BootSpec { Kernel = "/boot/vmlinuz" } },
    };

    internal void WriteRaw(string name, string yaml)
    {
        Directory.CreateDirectory(Path.Combine(Machines, name));
        File.WriteAllText(Path.Combine(Machines, name, "vm.yaml"), yaml);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
