using System.Diagnostics;
using System.Globalization;

namespace StratoVirt.Store.Tests;

public sealed class StoreConcurrencyTests : IDisposable
{
    private readonly TemporaryStore _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void OfProcessesThatAddTheSameNamesOneWinsEach()
    {
        string[] outputs = RunTogether(3, "add", _temporary.Root, "25");

        Assert.Equal(25, outputs.Sum(o => int.Parse(o, CultureInfo.InvariantCulture)));
        Assert.Equal(25, _temporary.Store.List().Count(e => e.Error is null));
    }

    [Fact]
    public void OfThreadsThatAddTheSameNameOneWins()
    {
        int added = 0;
        Parallel.For(0, 16, i =>
        {
            try
            {
                _temporary.Store.Add(TemporaryStore.Define(i % 2 == 0 ? "web" : "WEB"));
                Interlocked.Increment(ref added);
            }
            catch (StoreException refused) when (refused.Id == StoreErrorId.AlreadyExists)
            {
                Assert.Contains("web", refused.Message, StringComparison.OrdinalIgnoreCase);
            }
        });

        Assert.Equal(1, added);
    }

    [Fact]
    public void NoUpdateIsLost()
    {
        _temporary.Store.Add(TemporaryStore.Define("counter"));

        RunTogether(3, "count", _temporary.Root, "20");

        Assert.Equal(1 + (3 * 20), _temporary.Store.Get("counter").Spec.Cpus);
    }

    [Fact]
    public void ReadersSeeWholeDefinitionsWhileTheyChange()
    {
        _temporary.Store.Add(TemporaryStore.Define("web"));
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            for (int i = 1; !stop.IsCancellationRequested; i = (i % 254) + 1)
            {
                _temporary.Store.Replace(TemporaryStore.Define("web", cpus: i));
            }
        });
        writer.Start();
        try
        {
            for (int i = 0; i < 200; i++)
            {
                Assert.InRange(_temporary.Store.Get("web").Spec.Cpus, 1, 254);
            }
        }
        finally
        {
            stop.Cancel();
            writer.Join();
        }
    }

    [Fact]
    public void AddingAndRemovingAtOnceLeavesNeitherHalvesNorLocks()
    {
        Parallel.For(0, 4, worker =>
        {
            for (int i = 0; i < 20; i++)
            {
                try
                {
                    _ = (worker + i) % 2 == 0 ? _temporary.Store.Add(TemporaryStore.Define("web")) : RemoveWeb();
                }
                catch (StoreException refused) when (refused.Id is StoreErrorId.AlreadyExists or StoreErrorId.NotFound)
                {
                    continue;
                }
            }
        });

        Assert.All(_temporary.Store.List(), entry => Assert.Null(entry.Error));
        if (_temporary.Store.Find("web") is not null)
        {
            RemoveWeb();
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Machines));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_temporary.Root, "locks")));
    }

    private StoreEntry? RemoveWeb()
    {
        _temporary.Store.Remove("web");
        return null;
    }

    private string[] RunTogether(int count, params string[] arguments)
    {
        Process[] processes = [.. Enumerable.Range(0, count).Select(_ => OtherProcess.Start(arguments))];
        File.WriteAllText(Path.Combine(_temporary.Root, "go"), string.Empty);
        string[] outputs = [.. processes.Select(p => p.StandardOutput.ReadToEnd())];
        foreach (Process process in processes)
        {
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            process.Dispose();
        }

        return outputs;
    }
}
