using System.Diagnostics;

namespace StratoVirt.Store.Tests;

/// <summary>A process killed at any point of a change leaves the store as it was before or as it is after.</summary>
public sealed class StoreCrashTests : IDisposable
{
    private readonly TemporaryStore _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("Add", "DirectoryCreated", null)]
    [InlineData("Add", "FileWritten", null)]
    [InlineData("Add", "FileSynced", null)]
    [InlineData("Add", "FileRenamed", null)]
    [InlineData("Add", "DirectoryRenamed", 2)]
    [InlineData("Replace", "FileWritten", 1)]
    [InlineData("Replace", "FileSynced", 1)]
    [InlineData("Replace", "FileRenamed", 2)]
    [InlineData("Remove", "DirectoryRetired", null)]
    public void AnotherSessionFindsTheOldOrTheNewAndGoesOn(string verb, string step, int? cpusLeft)
    {
        DefinitionStore store = _temporary.Store;
        if (verb != "Add")
        {
            store.Add(TemporaryStore.Define("web"));
        }

        using (Process crashed = OtherProcess.Start("crash", _temporary.Root, verb, step))
        {
            crashed.WaitForExit();
            Assert.Equal(128 + 9, crashed.ExitCode);
        }

        Assert.Equal(cpusLeft, store.Find("web")?.Definition?.Spec.Cpus);
        Assert.All(store.List(), entry => Assert.Null(entry.Error));
        if (cpusLeft is null)
        {
            store.Add(TemporaryStore.Define("web"));
        }

        store.Replace(TemporaryStore.Define("web", cpus: 3));
        Assert.Equal(3, store.Get("web").Spec.Cpus);
        store.Remove("web");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Machines));
    }
}
