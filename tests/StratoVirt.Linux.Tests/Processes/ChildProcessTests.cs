using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Processes;

namespace StratoVirt.Linux.Tests.Processes;

public sealed class ChildProcessTests
{
    private const string Shell = "/bin/sh";

    [Fact]
    public void ItGetsItsDescriptorAndItsOutputIsKept()
    {
        using var run = new Run("echo given >&3; echo printed; echo wrong >&2; exit 7");
        Assert.Equal("given\n", run.ReadToEnd());
        Assert.Equal(7, run.WaitForExit());
        Assert.Equal("printed\nwrong\n", run.Output);
    }

    [Fact]
    public void ItSeesNoOtherDescriptorOfOurs()
    {
        using FileDescriptor ours = FileDescriptor.Open("/dev/null", OpenFlags.ReadOnly);
        using var run = new Run("ls /proc/$$/fd >&3");
        Assert.DoesNotContain(ours.Number.ToString(), run.ReadToEnd().Split('\n'));
        Assert.Equal(0, run.WaitForExit());
    }

    [Fact]
    public void ItsProcessGroupIsItsOwn()
    {
        using var run = new Run("read -r stat </proc/$$/stat; set -- $stat; echo $1 $5 >&3");
        string[] ids = run.ReadToEnd().Trim().Split(' ');
        Assert.Equal(run.Child.Id.ToString(), ids[0]);
        Assert.Equal(ids[0], ids[1]);
    }

    [Fact]
    public void ItCanHaveSeveralDescriptorsASessionAndAnEnvironmentOfItsOwn()
    {
        using MemFd output = MemFd.Create("test", 0, sealSize: false);
        using MemFd first = MemFd.Create("first", 0, sealSize: false);
        using MemFd second = MemFd.Create("second", 0, sealSize: false);
        using var child = ChildProcess.Start(new ChildPlan
        {
            Path = Shell,
            Arguments = ["-c", "echo $ONLY $HOME >&3; read -r stat </proc/$$/stat; set -- $stat; echo $1 $6 >&4"],
            Given = [first, second],
            Output = output,
            OwnSession = true,
            Environment = ["ONLY=this"],
        });
        Assert.Equal(0, child.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal("this\n", Run.Text(first));
        Assert.Equal($"{child.Id} {child.Id}\n", Run.Text(second));
    }

    [Fact]
    public void DescriptorsWhoseNumbersAreTheOnesToBeGivenAreNotMixedUp()
    {
        // The children's numbers are taken by others' descriptors here, in the wrong order.
        using MemFd first = MemFd.Create("first", 0, sealSize: false);
        using MemFd second = MemFd.Create("second", 0, sealSize: false);
        using FileDescriptor swappedFirst = first.Duplicate(ChildProcess.GivenDescriptor + 1);
        using FileDescriptor swappedSecond = second.Duplicate(ChildProcess.GivenDescriptor);
        using var child = ChildProcess.Start(new ChildPlan
        {
            Path = Shell, Arguments = ["-c", "echo one >&3; echo two >&4"], Given = [swappedFirst, swappedSecond], Output = first,
        });
        Assert.Equal(0, child.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(("one\n", "two\n"), (Run.Text(first), Run.Text(second)));
    }

    [Fact]
    public void ItEndsWhenDisposed()
    {
        using var run = new Run("echo up >&3; exec sleep 1000");
        Assert.Equal("up\n", run.ReadSome());
        Assert.Null(run.Child.ExitCode);
        run.Child.Dispose();
        Assert.Equal(128 + 9, run.Child.ExitCode);
    }

    [Fact]
    public void AProgramThatIsNotThereIsAnError()
    {
        using FileDescriptor nothing = FileDescriptor.Open("/dev/null", OpenFlags.ReadWrite);
        LinuxException error = Assert.Throws<LinuxException>(() => ChildProcess.Start("/no/such/program", [], nothing, nothing));
        Assert.Equal(Errno.NoEntry, error.Errno);
    }

    private sealed class Run : IDisposable
    {
        private readonly UnixSocket _ours;
        private readonly MemFd _output = MemFd.Create("test", 0, sealSize: false);

        internal Run(string script)
        {
            (_ours, UnixSocket theirs) = UnixSocket.CreatePair();
            using (theirs)
            {
                Child = ChildProcess.Start(Shell, ["-c", script], theirs, _output);
            }
        }

        internal ChildProcess Child { get; }

        internal string Output => Text(_output);

        internal static string Text(MemFd file)
        {
            byte[] text = new byte[1000];
            file.ReadAt(text, 0, out int count);
            return System.Text.Encoding.UTF8.GetString(text, 0, count);
        }

        public void Dispose()
        {
            Child.Dispose();
            _ours.Dispose();
            _output.Dispose();
        }

        internal string ReadSome()
        {
            byte[] text = new byte[1000];
            using Epoll epoll = Epoll.Create();
            epoll.Add(_ours, EpollEvents.In, 1);
            Assert.Equal(1, epoll.Wait(new EpollEvent[1], 30_000));
            Assert.Equal(Errno.None, _ours.Read(text, out int count));
            return System.Text.Encoding.UTF8.GetString(text, 0, count);
        }

        internal string ReadToEnd()
        {
            string text = string.Empty;
            while (ReadSome() is { Length: > 0 } more)
            {
                text += more;
            }

            return text;
        }

        internal int WaitForExit()
        {
            Assert.True(SpinWait.SpinUntil(() => Child.ExitCode is not null, 30_000));
            return Child.ExitCode!.Value;
        }
    }
}
