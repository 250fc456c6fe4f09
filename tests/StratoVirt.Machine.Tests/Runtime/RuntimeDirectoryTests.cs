using System.Diagnostics;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Machine.Tests.Runtime;

public sealed class RuntimeDirectoryTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("stratovirt-runtime-").FullName;

    private string Root => Path.Combine(_parent, "run");

    private RuntimeDirectory Runtime => new(Root, "/srv/store");

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void ALeaseSaysWhoHoldsIt()
    {
        using RuntimeLease lease = Runtime.Acquire("Web");

        RuntimeOwner? owner = Runtime.Inspect("wEB");
        Assert.Equal(lease.Owner, owner);
        Assert.Equal(("Web", Environment.ProcessId, "/srv/store"), (owner!.Name, owner.ProcessId, owner.Home));
        Assert.True(owner.ProcessStartTicks > 0);
        Assert.Equal([owner], Runtime.List());
        Assert.Equal(Path.Combine(Root, "web", "console.log"), lease.ConsoleLogPath);
        Assert.Equal(0x1C0, FileStatus.Find(Root)!.Value.Permissions);
        Assert.Equal(0x1C0, FileStatus.Find(lease.Directory)!.Value.Permissions);
    }

    [Fact]
    public void ASecondSessionIsRefusedAndToldWhoRunsIt()
    {
        using RuntimeLease lease = Runtime.Acquire("web");

        MachineException thrown = Assert.Throws<MachineException>(() => Runtime.Acquire("web"));

        Assert.Equal(MachineErrorId.AlreadyRunning, thrown.Id);
        Assert.Contains($"({Environment.ProcessId})", thrown.Message);
        Assert.Contains("/srv/store", thrown.Message);
        Assert.Null(Runtime.TryAcquire("WEB", out RuntimeOwner? holder));
        Assert.Equal(lease.Owner, holder);
    }

    [Fact]
    public void AfterALeaseNothingIsLeft()
    {
        RuntimeLease lease = Runtime.Acquire("web");
        lease.Dispose();
        lease.Dispose();

        Assert.Null(Runtime.Inspect("web"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Root));
        using RuntimeLease again = Runtime.Acquire("web");
    }

    [Fact]
    public void TheLogOutlivesTheLeaseUntilCleaned()
    {
        using (RuntimeLease lease = Runtime.Acquire("web"))
        {
            File.WriteAllText(lease.ConsoleLogPath, "last words");
            File.WriteAllText(Path.Combine(lease.Directory, "qmp.sock"), string.Empty);
            Assert.False(Runtime.Clean("web"));
        }

        Assert.Equal("last words", File.ReadAllText(Runtime.ConsoleLogPath("web")));
        using (RuntimeLease next = Runtime.Acquire("web"))
        {
            Assert.True(File.Exists(next.ConsoleLogPath));
            Assert.False(File.Exists(Path.Combine(next.Directory, "qmp.sock")));
        }

        Assert.True(Runtime.Clean("web"));
        Assert.True(Runtime.Clean("web"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Root));
    }

    [Fact]
    public void LookingCreatesNothing()
    {
        Assert.Null(Runtime.Inspect("web"));
        Assert.Empty(Runtime.List());
        Assert.True(Runtime.Clean("web"));
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public void WhatADeadProcessLeftIsNoticedAndBecomesARecordOfItsEnd()
    {
        int id;
        using (Process other = HoldInAnotherProcess("web"))
        {
            id = other.Id;
            Assert.Equal(id, Runtime.Inspect("web")!.ProcessId);
            MachineException thrown = Assert.Throws<MachineException>(() => Runtime.Acquire("web"));
            Assert.Contains($"in process {id}", thrown.Message);
            Assert.Null(Runtime.FindEnd("web"));
            other.Kill();
            other.WaitForExit();
        }

        Assert.True(File.Exists(Path.Combine(Runtime.For("web"), "owner")));
        Assert.Null(Runtime.Inspect("web"));
        RuntimeEnd end = Runtime.FindEnd("web")!;
        Assert.Equal((id, ShutdownCause.HostError), (end.Owner.ProcessId, end.Cause));
        Assert.Contains($"{id}", end.Problem);
        Assert.Equal(["end"], Directory.EnumerateFileSystemEntries(Runtime.For("web")).Select(Path.GetFileName));

        Runtime.Acquire("web").Dispose();
        Assert.Null(Runtime.FindEnd("web"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Root));
    }

    [Fact]
    public void HowAMachineEndedIsKeptUntilItIsTakenAgain()
    {
        var last = new MachineStatus(
            RunState.Shutdown, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, ShutdownCause.HostError, Error: new IOException("disk full"));
        using (RuntimeLease lease = Runtime.Acquire("web"))
        {
            lease.RecordEnd(last);
        }

        RuntimeEnd end = Runtime.FindEnd("WEB")!;
        Assert.Equal((last.Cause, last.Since, last.StartedAt, "disk full"), (end.Cause, end.EndedAt, end.StartedAt, end.Problem));
        Assert.Equal(("web", OwnerKind.InProcess), (end.Owner.Name, end.Owner.Kind));
        Assert.Null(Runtime.Inspect("web"));
        Assert.NotNull(Runtime.FindEnd("web"));
        using RuntimeLease next = Runtime.Acquire("web");
        Assert.Null(Runtime.FindEnd("web"));
    }

    /// <summary>Killed between its last word and the release of its name.</summary>
    [Fact]
    public void WhatADeadHolderSaidOfItsEndIsNotOverwritten()
    {
        var last = new MachineStatus(RunState.Shutdown, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, ShutdownCause.GuestShutdown);
        byte[] owner;
        using (RuntimeLease lease = Runtime.Acquire("web"))
        {
            lease.RecordEnd(last);
            owner = File.ReadAllBytes(Path.Combine(lease.Directory, "owner"));
        }

        File.WriteAllBytes(Path.Combine(Runtime.For("web"), "owner"), owner);
        File.WriteAllText(Path.Combine(Runtime.For("web"), "lock"), string.Empty);
        Assert.Null(Runtime.Inspect("web"));
        RuntimeEnd end = Runtime.FindEnd("web")!;
        Assert.Equal((ShutdownCause.GuestShutdown, null), (end.Cause, end.Problem));
        Assert.Equal(["end"], Directory.EnumerateFileSystemEntries(Runtime.For("web")).Select(Path.GetFileName));
    }

    [Fact]
    public void SocketsOfADeadHolderAreTakenAwayAndOthersAreNot()
    {
        string stale = Path.Combine(_parent, "stale");
        string used = Path.Combine(_parent, "used");
        string file = Path.Combine(_parent, "file");
        File.WriteAllText(file, "mine");
        UnixSocket.Listen(stale).Dispose();
        using UnixSocket listener = UnixSocket.Listen(used);
        using (Process other = HoldInAnotherProcess("web"))
        {
            UnixSocket.Listen(Path.Combine(Runtime.For("web"), "vsock")).Dispose();
            other.Kill();
            other.WaitForExit();
        }

        var runtime = new RuntimeDirectory(Root) { SocketsOf = name => name == "web" ? [stale, used, file, Path.Combine(_parent, "none")] : [] };
        Assert.Null(runtime.Inspect("web"));
        Assert.Equal(["end"], Directory.EnumerateFileSystemEntries(Runtime.For("web")).Select(Path.GetFileName));
        Assert.Equal((false, true, true), (File.Exists(stale), File.Exists(used), File.Exists(file)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"cause\":\"None\"}")]
    public void AnEndThatSaysNothingSensibleIsNone(string text)
    {
        using (RuntimeLease lease = Runtime.Acquire("web"))
        {
            File.WriteAllText(Path.Combine(lease.Directory, "end"), text);
        }

        Assert.Null(Runtime.FindEnd("web"));
    }

    [Fact]
    public void ADeadHoldersNameCanBeTakenAtOnce()
    {
        using (Process other = HoldInAnotherProcess("web"))
        {
            other.Kill();
            other.WaitForExit();
        }

        using RuntimeLease lease = Runtime.Acquire("web");
        Assert.Equal(Environment.ProcessId, Runtime.Inspect("web")!.ProcessId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"name\":\"web\"}")]
    public void AHeldLockWithoutASensibleOwnerIsStillHeld(string owner)
    {
        using Process other = HoldInAnotherProcess("web");
        File.WriteAllText(Path.Combine(Runtime.For("web"), "owner"), owner);
        try
        {
            var impatient = new RuntimeDirectory(Root) { Grace = TimeSpan.FromMilliseconds(50) };
            Assert.Equal(0, impatient.Inspect("web")!.ProcessId);
            Assert.Equal(MachineErrorId.AlreadyRunning, Assert.Throws<MachineException>(() => impatient.Acquire("web")).Id);
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }
    }

    [Fact]
    public void OfManyWhoTryAtOnceOneHoldsItAtATime()
    {
        int holders = 0;
        int taken = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            for (int round = 0; round < 50; round++)
            {
                if (i >= 6)
                {
                    Runtime.Inspect("web");
                    continue;
                }

                using RuntimeLease? lease = Runtime.TryAcquire("web", out RuntimeOwner? holder);
                if (lease is null)
                {
                    Assert.NotNull(holder);
                    continue;
                }

                Assert.Equal(1, Interlocked.Increment(ref holders));
                Interlocked.Increment(ref taken);
                Thread.Yield();
                Interlocked.Decrement(ref holders);
            }
        });

        Assert.InRange(taken, 1, 300);
        Assert.Null(Runtime.Inspect("web"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Root));
    }

    [Fact]
    public void ADirectoryOpenToOthersIsRefused()
    {
        Directory.CreateDirectory(Root, (UnixFileMode)0x1FF);
        File.SetUnixFileMode(Root, (UnixFileMode)0x1FF);

        foreach (Action use in (Action[])[() => Runtime.Acquire("web"), () => Runtime.Inspect("web"), () => Runtime.List()])
        {
            Assert.Equal(MachineErrorId.RuntimeDirectory, Assert.Throws<MachineException>(use).Id);
        }
    }

    [Fact]
    public void ALinkInPlaceOfTheDirectoryIsRefused()
    {
        Directory.CreateDirectory(Path.Combine(_parent, "elsewhere"), (UnixFileMode)0x1C0);
        File.CreateSymbolicLink(Root, Path.Combine(_parent, "elsewhere"));

        Assert.Equal(MachineErrorId.RuntimeDirectory, Assert.Throws<MachineException>(() => Runtime.Acquire("web")).Id);
    }

    [Fact]
    public void ALeaseDoesNotDeleteItsSuccessorsFiles()
    {
        RuntimeLease first = Runtime.Acquire("web");
        Directory.Delete(Root, recursive: true);
        using RuntimeLease second = Runtime.Acquire("web");

        first.Dispose();

        Assert.Equal(second.Owner, Runtime.Inspect("web"));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    public void NoPathIsMadeFromABadName(string name) => Assert.Throws<ArgumentException>(() => Runtime.Inspect(name));

    [Fact]
    public void TheDefaultRoot()
    {
        uint user = FileStatus.EffectiveUser;
        Assert.Equal("/r", RuntimeRoot.Choose(name => name == "STRATOVIRT_RUNTIME" ? "/r/" : _parent, user));
        Assert.Equal("/run/stratovirt", RuntimeRoot.Choose(name => name == "XDG_RUNTIME_DIR" ? _parent : null, 0));
        Assert.Equal("/tmp/stratovirt-4711", RuntimeRoot.Choose(name => name == "XDG_RUNTIME_DIR" ? _parent : null, 4711));
        Assert.Equal("/tmp/stratovirt-4711", RuntimeRoot.Choose(name => name == "XDG_RUNTIME_DIR" ? "relative" : null, 4711));
        Assert.Throws<MachineException>(() => RuntimeRoot.Choose(_ => "relative", user));
    }

    // flock(1) takes the lock and becomes sleep(1): a process that holds it, and has no part in this program.
    private Process HoldInAnotherProcess(string name)
    {
        string directory = Runtime.For(name);
        RuntimeRoot.Ensure(Root);
        RuntimeRoot.CreateBelow(directory);
        var start = new ProcessStartInfo("flock", ["--no-fork", Path.Combine(directory, "lock"), "sleep", "600"]);
        Process other = Process.Start(start)!;
        Assert.True(SpinWait.SpinUntil(() => IsSleeping(other.Id), TimeSpan.FromSeconds(30)));
        OwnerFile.Write(directory, new RuntimeOwner
        {
            Name = name,
            ProcessId = other.Id,
            ProcessStartTicks = ProcessIdentity.StartTicksOf(other.Id)!.Value,
            StartedAt = DateTimeOffset.UtcNow,
        });
        return other;
    }

    private static bool IsSleeping(int processId) => File.ReadAllText($"/proc/{processId}/stat").Contains("(sleep)", StringComparison.Ordinal);
}
