using System.Runtime.InteropServices;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Kvm.Tests;

public sealed class KickTests
{
    private const int UserSignal = 10; // SIGUSR1

    // Never let go of: a signal the runtime looks at after that would end the process, as is its default.
    private static readonly PosixSignalRegistration UserSignalHandler =
        PosixSignalRegistration.Create((PosixSignal)UserSignal, context => context.Cancel = true);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // jmp $: the guest never leaves by itself.
    private static readonly byte[] Spin = [0xeb, 0xfe];

    // out dx, al; jmp back: the vCPU is as often in this process as in the guest.
    private static readonly byte[] Chatter = [0x66, 0xba, 0x00, 0x05, 0xee, 0xeb, 0xfd];

    // hlt; jmp back: asleep in the kernel, where that holds the local APIC.
    private static readonly byte[] Halt = [0xf4, 0xeb, 0xfd];

    public static TheoryData<string> Guests => ["spin", "chatter", "halt"];

    [Theory]
    [MemberData(nameof(Guests))]
    public void AThousandKicksAllArrive(string name)
    {
        using TestGuest guest = Create(name);
        using var runner = new VcpuThread(guest.Vcpu);
        for (int i = 1; i <= 1000; i++)
        {
            // Sometimes the vCPU is deep in the guest, sometimes just on its way in or out: the pause moves the kick
            // through all of it.
            Thread.SpinWait(i % 50 * 20);
            runner.Wish = i;
            guest.Vcpu.Kick();
            Assert.True(runner.Grants.Wait(Patience, TestContext.Current.CancellationToken), $"kick {i} was lost");
            Assert.Equal(i, runner.Granted);
        }
    }

    [Fact]
    public void KicksBeforeAThreadIsBoundEndItsFirstRun()
    {
        using TestGuest guest = Create("spin");
        guest.Vcpu.Kick();
        guest.Vcpu.BindToCurrentThread();
        Assert.Equal(VcpuExitKind.Interrupted, guest.Vcpu.Run().Kind);
        guest.Vcpu.Unbind();
    }

    [Fact]
    public void UnbindingLeavesNoKickBehind()
    {
        using TestGuest guest = Create("spin");
        guest.Vcpu.BindToCurrentThread();
        guest.Vcpu.Kick();
        guest.Vcpu.Unbind();
        Assert.False(ThreadKick.TryConsume());
    }

    [Fact]
    public void AVcpuThatIsRunCannotBeDisposed()
    {
        using TestGuest guest = Create("spin");
        guest.Vcpu.BindToCurrentThread();
        Assert.Throws<InvalidOperationException>(guest.Vcpu.Dispose);
        guest.Vcpu.Unbind();
        guest.Vcpu.Dispose();
        guest.Vcpu.Kick();
        Assert.Throws<ObjectDisposedException>(() => guest.Vcpu.ImmediateExit);
        Assert.Throws<ObjectDisposedException>(() => guest.Vcpu.Run().Kind);
    }

    [Fact]
    public void AnotherThreadCannotBind()
    {
        using TestGuest guest = Create("spin");
        using (new VcpuThread(guest.Vcpu))
        {
            Assert.True(SpinWait.SpinUntil(() => guest.Vcpu.IsBound, Patience));
            InvalidOperationException refused = Assert.Throws<InvalidOperationException>(guest.Vcpu.BindToCurrentThread);
            Assert.Contains("vCPU 0", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AStormOfForeignSignalsOnlyMeansRunAgain()
    {
        using TestGuest guest = Create("spin");
        _ = UserSignalHandler;
        using var runner = new VcpuThread(guest.Vcpu);
        Assert.True(SpinWait.SpinUntil(() => runner.ThreadId != 0, Patience));
        for (int i = 0; i < 1000; i++)
        {
            NativeThread.Signal(runner.ThreadId, UserSignal);
            Thread.SpinWait(500);
        }

        Assert.True(SpinWait.SpinUntil(() => runner.Interrupted > 0, Patience));
        Assert.Equal(0, runner.Granted);
        runner.Wish = 7;
        guest.Vcpu.Kick();
        Assert.True(runner.Grants.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(7, runner.Granted);
    }

    private static TestGuest Create(string name) => name switch
    {
        "spin" => new TestGuest(Spin),
        "chatter" => new TestGuest(Chatter),
        _ => new TestGuest(Halt, irqChip: true),
    };

    /// <summary>A vCPU loop as small as it can be: wishes are numbers, -1 ends it.</summary>
    private sealed class VcpuThread : IDisposable
    {
        private readonly KvmVcpu _vcpu;
        private readonly Thread _thread;

        internal VcpuThread(KvmVcpu vcpu)
        {
            _vcpu = vcpu;
            _thread = new Thread(Loop) { IsBackground = true, Name = "vcpu under test" };
            _thread.Start();
        }

        internal SemaphoreSlim Grants { get; } = new(0);

        internal volatile int Wish;
        internal volatile int Granted;
        internal volatile int Interrupted;
        internal volatile int ThreadId;

        public void Dispose()
        {
            Wish = -1;
            _vcpu.Kick();
            Assert.True(_thread.Join(Patience), "the vCPU thread did not end");
            Grants.Dispose();
        }

        private void Loop()
        {
            _vcpu.BindToCurrentThread();
            ThreadId = NativeThread.CurrentId;
            int wish;
            while ((wish = Wish) != -1)
            {
                if (wish != Granted)
                {
                    Granted = wish;
                    Grants.Release();
                }

                if (_vcpu.Run().Kind == VcpuExitKind.Interrupted)
                {
                    Interrupted++;
                }
            }

            _vcpu.Unbind();
        }
    }
}
