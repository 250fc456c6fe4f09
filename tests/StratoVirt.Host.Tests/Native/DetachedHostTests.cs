using System.Globalization;
using System.Text.Json;
using StratoVirt.Backends.VhostUser;
using StratoVirt.Control;
using StratoVirt.Definitions.Devices;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Traps;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Runtime;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.Host.Tests.Native;

public sealed class DetachedHostTests
{
    private const string Prompt = "hello> ";
    private const int BusError = 7;
    private const int Terminate = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [HostFact]
    public void ItRunsTheMachineUntilItIsToldToEndAndLeavesHowItEnded()
    {
        using var guest = new HostedGuest();
        guest.Start();

        RuntimeOwner owner = guest.Runtime.Inspect("web")!;
        Assert.Equal(
            (OwnerKind.Detached, guest.Process!.ProcessId, "/srv/store"), (owner.Kind, owner.ProcessId, owner.Home));
        guest.Expect(Prompt);
        guest.Signal(Terminate);
        guest.AwaitEnd();
        Assert.Null(guest.Runtime.Inspect("web"));
        RuntimeEnd end = guest.Runtime.FindEnd("web")!;
        Assert.Equal((ShutdownCause.GuestShutdown, owner), (end.Cause, end.Owner));
        Assert.Null(end.Problem);
        Assert.Contains("running", guest.HostLog, StringComparison.Ordinal);
        Assert.Contains("guest-shutdown", guest.HostLog, StringComparison.Ordinal);
    }

    [HostFact]
    public void ItServesQmpFromBeforeItsGuestsFirstInstructionOn()
    {
        using var guest = new HostedGuest();
        string further = Path.Combine(guest.Order.BaseDirectory, "further.sock");
        guest.Order = guest.Order with { Paused = true, ControlSockets = [further] };
        guest.Start();

        using var first = new QmpTalk(guest.Runtime.ControlSocketPath("web"));
        using var second = new QmpTalk(further);
        Assert.Contains("\"prelaunch\"", first.Ask("query-status"), StringComparison.Ordinal);
        Assert.Contains("\"return\"", second.Ask("cont"), StringComparison.Ordinal);
        guest.Expect(Prompt);
        Assert.Contains("\"running\"", first.Ask("query-status"), StringComparison.Ordinal);
        Assert.Contains("\"return\"", second.Ask("quit"), StringComparison.Ordinal);
        guest.AwaitEnd();
        Assert.Equal(ShutdownCause.HostRequest, guest.Runtime.FindEnd("web")!.Cause);
    }

    [HostFact]
    public void ItsFailureIsItsOwn()
    {
        using var guest = new HostedGuest();
        guest.Start();
        MachineException refused = Assert.Throws<MachineException>(() => StartAgain(guest.Order));
        Assert.Equal(MachineErrorId.AlreadyRunning, refused.Id);
        Assert.Contains($"in process {guest.Process!.ProcessId}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(guest.Process.ProcessId, guest.Runtime.Inspect("web")!.ProcessId);

        using var missing = new HostedGuest();
        missing.Order = missing.Order with
        {
            Definition = missing.Order.Definition with
            {
                Spec = missing.Order.Definition.Spec with { Disks = [new DiskSpec { Name = "d", Path = "/no/such/disk" }] },
            },
        };
        refused = Assert.Throws<MachineException>(() => missing.Start());
        Assert.Equal(MachineErrorId.DeviceMissing, refused.Id);
        Assert.Contains("/no/such/disk", refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refused.RecommendedAction);
        Assert.Contains("DeviceMissing", missing.HostLog, StringComparison.Ordinal);
        Assert.Null(missing.Runtime.Inspect("web"));
    }

    [HostFact]
    public void AProgramThatIsNoHostIsAnErrorWithItsExitCode()
    {
        using var guest = new HostedGuest();
        MachineException refused = Assert.Throws<MachineException>(
            () => Machine.Detached.DetachedHost.Start("/bin/false", guest.Order, kernelCache: null));
        Assert.Equal(MachineErrorId.HostFailed, refused.Id);
        Assert.Contains("exit code 1", refused.Message, StringComparison.Ordinal);
        refused = Assert.Throws<MachineException>(
            () => Machine.Detached.DetachedHost.Start("/no/such/host", guest.Order, kernelCache: null));
        Assert.Equal(MachineErrorId.HostMissing, refused.Id);
    }

    [HostFact]
    public void AStartThatIsCancelledLeavesNothing()
    {
        using var guest = new HostedGuest();
        Assert.ThrowsAny<OperationCanceledException>(() => guest.Start(new CancellationToken(canceled: true)));
        Assert.Null(guest.Runtime.Inspect("web"));
        guest.Start();
        guest.Expect(Prompt);
    }

    [HostFact]
    public void AMachineThatWasNotLetRunHasNobodyToPressTheButtonFor()
    {
        using var guest = new HostedGuest();
        guest.Order = guest.Order with { Paused = true };
        guest.Start();
        Assert.Equal(guest.Process!.ProcessId, guest.Runtime.Inspect("web")!.ProcessId);
        guest.Signal(Terminate);
        guest.AwaitEnd();
        RuntimeEnd end = guest.Runtime.FindEnd("web")!;
        Assert.Equal((ShutdownCause.HostRequest, null), (end.Cause, end.StartedAt));
    }

    [HostFact]
    public void ItsSessionIsItsOwnAndItHoldsNoDescriptorOfItsStarter()
    {
        using FileStream ours = File.OpenRead("/proc/self/stat");
        using var guest = new HostedGuest();
        guest.Start();
        string[] stat = File.ReadAllText($"/proc/{guest.Process!.ProcessId}/stat").Split(')')[1].Split(' ');
        Assert.Equal($"{guest.Process.ProcessId}", stat[4]);
        string[] open = [.. Directory.EnumerateFiles($"/proc/{guest.Process.ProcessId}/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "")];
        Assert.DoesNotContain(open, target => target.EndsWith("/stat", StringComparison.Ordinal));
        Assert.DoesNotContain(open, target => target.Contains("stratovirt-order", StringComparison.Ordinal));
        Assert.Equal("/", new FileInfo($"/proc/{guest.Process.ProcessId}/cwd").LinkTarget);

        // A static program that loads a library gets a second C library with it.
        Assert.DoesNotContain(File.ReadLines($"/proc/{guest.Process.ProcessId}/maps"), mapping => mapping.Contains(".so", StringComparison.Ordinal));
    }

    /// <summary>A file of memory that is added later may be cut too, when nothing can be made executable any more.</summary>
    [HostFact]
    public void ItIsReadyForPagesThatAFileLoses()
    {
        Assert.SkipUnless(LostPageTrap.IsSupported, "there is no handler for this architecture");
        using var guest = new HostedGuest();
        int process = guest.Start().ProcessId;
        string caught = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("SigCgt:", StringComparison.Ordinal));
        ulong signals = ulong.Parse(caught.Split('\t')[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        Assert.NotEqual(0UL, signals & (1UL << (BusError - 1)));
    }

    /// <summary>It lives as long as the machine, and who starts a machine waits until nobody can answer any more.</summary>
    [HostFact]
    public void AHelperOfADeviceHoldsNoDescriptorOfTheHost()
    {
        Assert.SkipUnless(VirtioFsDaemon.UsualPrograms.Any(File.Exists), "virtiofsd is not installed");
        using var guest = new HostedGuest();
        guest.Order = guest.Order with
        {
            Definition = guest.Order.Definition with
            {
                Spec = guest.Order.Definition.Spec with { Shares = [new ShareSpec { Name = "data", Path = guest.Order.BaseDirectory }] },
            },
        };
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            guest.Start(patience.Token);
        }
        catch (MachineException refused) when (refused.Id is MachineErrorId.DevicePermission or MachineErrorId.DeviceUnusable)
        {
            // A container may not make the namespaces it wants.
            Assert.Skip(refused.Message);
        }

        string[] children = File.ReadAllText($"/proc/{guest.Process!.ProcessId}/task/{guest.Process.ProcessId}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string helper = Assert.Single(children);
        IEnumerable<string> open = Directory.EnumerateFiles($"/proc/{helper}/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "");
        Assert.DoesNotContain(open, target => target.Contains("stratovirt-order", StringComparison.Ordinal));
    }

    /// <summary>It may make no interface itself: whoever may hands the queues over.</summary>
    [HostFact]
    public void AContainedMachineTakesATapThatAClientHasOpened()
    {
        using TapDevice tap = OpenOrSkip();
        using var guest = new HostedGuest();
        guest.Start();
        using var client = ControlClient.Connect(guest.Runtime.ControlSocketPath("web"), Patience);
        client.Execute(DescriptorCommands.GetFd, new DescriptorName { Fdname = "tap" }, Patience, [tap]);
        client.Execute(NetworkCommands.NetdevAdd, new NetdevOptions { Type = NetdevType.Tap, Id = "n0", Fd = "tap" }, Patience);
        client.Execute("device_add", JsonDocument.Parse("""{"driver":"virtio-net-pci","id":"c0","netdev":"n0"}""").RootElement, Patience);
        VendorDevice card = Assert.Single(client.Execute(VendorCommands.Devices, QmpNothing.Instance, Patience));
        Assert.Equal(("c0", "network", tap.Name), (card.Name, card.Kind, card.Spec.GetProperty("tap").GetString()));
        client.Execute(LifecycleCommands.Quit, QmpNothing.Instance, Patience);
        guest.AwaitEnd();
        Assert.Equal(ShutdownCause.HostRequest, guest.Runtime.FindEnd("web")!.Cause);
    }

    private static TapDevice OpenOrSkip()
    {
        try
        {
            return TapDevice.Open(string.Empty, multiQueue: false);
        }
        catch (LinuxException refusal)
        {
            Assert.Skip(refusal.Message);
            throw;
        }
    }

    private static void StartAgain(Machine.Detached.HostOrder order) =>
        Machine.Detached.DetachedHost.Start(HostFactAttribute.Program, order, kernelCache: null).Dispose();
}
