using StratoVirt.Definitions;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Linux;

namespace StratoVirt.Store.Tests;

public sealed class DefinitionStoreTests : IDisposable
{
    private readonly TemporaryStore _temporary = new();

    private DefinitionStore Store => _temporary.Store;

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void WhatIsAddedIsThereForItsOwnerAlone()
    {
        StoreEntry added = Store.Add(TemporaryStore.Define("Web-1"));

        Assert.Equal(added.Definition, Store.Get("Web-1"));
        Assert.Equal(Path.Combine(_temporary.Machines, "Web-1", "vm.yaml"), added.Path);
        Assert.Equal(0x180, FileStatus.Find(added.Path)!.Value.Permissions);
        Assert.Equal(0x1C0, FileStatus.Find(added.Directory)!.Value.Permissions);
        Assert.Equal(0x1C0, FileStatus.Find(_temporary.Machines)!.Value.Permissions);
    }

    [Fact]
    public void NamesAreFoundInAnyCaseAndKeepTheirs()
    {
        Store.Add(TemporaryStore.Define("Web"));

        Assert.Equal("Web", Store.Get("wEB").Metadata.Name);
        StoreException thrown = Assert.Throws<StoreException>(() => Store.Add(TemporaryStore.Define("web")));
        Assert.Equal(StoreErrorId.AlreadyExists, thrown.Id);
        Assert.Contains("'Web'", thrown.Message);
        Assert.Equal(["Web"], Store.List().Select(e => e.Name));
    }

    [Fact]
    public void AnEmptyStoreIsNoError()
    {
        var nowhere = new DefinitionStore(Path.Combine(_temporary.Root, "not", "there"));

        Assert.Empty(nowhere.List());
        Assert.Null(nowhere.Find("web"));
        Assert.Equal(StoreErrorId.NotFound, Assert.Throws<StoreException>(() => nowhere.Remove("web")).Id);
        Assert.False(Directory.Exists(nowhere.Root));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../web")]
    [InlineData("a/b")]
    [InlineData("a\0")]
    [InlineData(".hidden")]
    public void NoPathIsMadeFromABadName(string name)
    {
        Assert.Equal(StoreErrorId.InvalidName, Assert.Throws<StoreException>(() => Store.Get(name)).Id);
        Assert.Equal(StoreErrorId.InvalidName, Assert.Throws<StoreException>(() => Store.Remove(name)).Id);
        Assert.Equal(StoreErrorId.InvalidName, Assert.Throws<StoreException>(() => Store.Update(name, d => d)).Id);
        Assert.Equal(DiagnosticId.InvalidName, Assert.Throws<DefinitionException>(() => Store.Add(TemporaryStore.Define(name))).Id);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Root));
    }

    [Fact]
    public void AMissingNameIsSuggested()
    {
        Store.Add(TemporaryStore.Define("webserver"));

        StoreException thrown = Assert.Throws<StoreException>(() => Store.Get("webservre"));

        Assert.Equal(StoreErrorId.NotFound, thrown.Id);
        Assert.Contains("'webserver'", thrown.RecommendedAction);
    }

    [Fact]
    public void OneBrokenDefinitionHidesNoOther()
    {
        Store.Add(TemporaryStore.Define("good"));
        _temporary.WriteRaw("bad", "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata: {name: bad}\nspec: {boot: {builtIn: true}, cpu: 2}\n");
        _temporary.WriteRaw("liar", "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata: {name: other}\nspec: {boot: {builtIn: true}}\n");
        Directory.CreateDirectory(Path.Combine(_temporary.Machines, "empty"));

        IReadOnlyList<StoreEntry> entries = Store.List();

        Assert.Equal(["bad", "empty", "good", "liar"], entries.Select(e => e.Name));
        var fault = Assert.IsType<DefinitionException>(entries[0].Error);
        Assert.StartsWith($"{entries[0].Path}(4,31): There is no key 'cpu'", fault.Message);
        Assert.Equal(StoreErrorId.Unreadable, Assert.IsType<StoreException>(entries[1].Error).Id);
        Assert.NotNull(entries[2].Definition);
        Assert.Equal(StoreErrorId.NameMismatch, Assert.IsType<StoreException>(entries[3].Error).Id);
        Assert.Throws<DefinitionException>(() => Store.Get("bad"));
        Store.Remove("bad");
        Assert.Null(Store.Find("bad"));
    }

    [Fact]
    public void ReplacingChangesTheDefinitionAndNothingElse()
    {
        StoreEntry entry = Store.Add(TemporaryStore.Define("web"));
        File.WriteAllText(Path.Combine(entry.Directory, "snapshot"), "kept");

        Store.Replace(TemporaryStore.Define("web", cpus: 3));

        Assert.Equal(3, Store.Get("web").Spec.Cpus);
        Assert.Equal(["snapshot", "vm.yaml"], Directory.GetFiles(entry.Directory).Select(f => Path.GetFileName(f)).Order());
        Assert.Equal(StoreErrorId.NotFound, Assert.Throws<StoreException>(() => Store.Replace(TemporaryStore.Define("other"))).Id);
        Assert.Equal(StoreErrorId.NameMismatch, Assert.Throws<StoreException>(() => Store.Replace(TemporaryStore.Define("WEB"))).Id);
    }

    [Fact]
    public void RelativePathsAreNotStored()
    {
        VmDefinition relative = TemporaryStore.Define("web") with { Spec = new VmSpec { Boot = new BootSpec { Kernel = "vmlinuz" } } };

        Assert.Equal(StoreErrorId.RelativePath, Assert.Throws<StoreException>(() => Store.Add(relative)).Id);
        Assert.Empty(Store.List());
    }

    [Fact]
    public void AnInvalidChangeChangesNothing()
    {
        Store.Add(TemporaryStore.Define("web"));

        Assert.Throws<DefinitionException>(() => Store.Update("web", d => d with { Spec = d.Spec with { Cpus = 0 } }));

        Assert.Equal(TemporaryStore.Define("web"), Store.Get("web"));
    }

    [Fact]
    public void RemovingLeavesNothing()
    {
        Store.Add(TemporaryStore.Define("web"));

        Store.Remove("WEB");

        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Machines));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_temporary.Root, "locks")));
        Store.Add(TemporaryStore.Define("web", cpus: 2));
        Assert.Equal(2, Store.Get("web").Spec.Cpus);
    }

    [Fact]
    public void ALockedStoreIsBusyAfterTheTimeGiven()
    {
        Store.Add(TemporaryStore.Define("web"));
        var impatient = new DefinitionStore(_temporary.Root) { LockTimeout = TimeSpan.FromMilliseconds(50) };

        using (StoreLock.Acquire(Path.Combine(_temporary.Root, "lock"), TimeSpan.Zero))
        {
            Assert.Equal(StoreErrorId.Busy, Assert.Throws<StoreException>(() => impatient.Add(TemporaryStore.Define("other"))).Id);
            Assert.Equal("web", impatient.Get("web").Metadata.Name);
        }

        impatient.Add(TemporaryStore.Define("other"));
    }

    [Fact]
    public void AnUnusableRootIsOneClearError()
    {
        string file = Path.Combine(_temporary.Root, "file");
        File.WriteAllText(file, string.Empty);

        StoreException thrown = Assert.Throws<StoreException>(() => new DefinitionStore(Path.Combine(file, "store")).Add(TemporaryStore.Define("web")));

        Assert.Equal(StoreErrorId.StoreUnusable, thrown.Id);
        Assert.NotNull(thrown.InnerException);
    }

    [Theory]
    [InlineData("/srv/vms/", "/data", 0u, "/srv/vms")]
    [InlineData(null, "/data", 0u, "/var/lib/stratovirt")]
    [InlineData(null, "/data", 1000u, "/data/stratovirt")]
    [InlineData(null, "relative", 1000u, "/home/me/.local/share/stratovirt")]
    [InlineData("", null, 1000u, "/home/me/.local/share/stratovirt")]
    public void TheDefaultRoot(string? home, string? data, uint user, string expected) => Assert.Equal(
        expected,
        StoreRoot.Choose(name => name == "STRATOVIRT_HOME" ? home : name == "XDG_DATA_HOME" ? data : null, user, "/home/me"));

    [Fact]
    public void ARelativeHomeIsRefused() => Assert.Equal(
        StoreErrorId.StoreUnusable,
        Assert.Throws<StoreException>(() => StoreRoot.Choose(name => name == "STRATOVIRT_HOME" ? "vms" : null, 1000, "/home/me")).Id);
}
