using StratoVirt.Bench.Children;
using StratoVirt.Bench.Measuring;

namespace StratoVirt.Bench.Suites;

/// <summary>Disks that come while a machine runs, and go again.</summary>
internal static class HotAddSuite
{
    private const int HostMemoryMib = 128;
    private const int ImageMib = 64;
    private const string Greeting = "hello from";
    private const string Watching = "watching";
    private const string Found = "disk-found";
    private const string Lost = "disk-lost";

    // Prints a line when the disk's node in /dev is there, and one when it is gone. Looks every 2 ms and sleeps in between.
    private const string GuestCommand =
        "mkfifo /tmp/f; exec 3<>/tmp/f; look() { read -t 0.002 x <&3; }; echo " + Watching + "; while :; do "
        + "until [ -e /dev/vda ]; do look; done; echo " + Found + "; while [ -e /dev/vda ]; do look; done; echo " + Lost + "; done";

    private const string Asked = "Both are asked over QMP, in the same words: blockdev-add and device_add, device_del and blockdev-del. "
        + "Peer: q35, free pcie-root-ports, plugged by ACPI, disks on an I/O thread; QEMU's microvm cannot plug.";

    // What booting or plugging sets going in the guest (a look at the partitions, a rescan) is over then.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);

    /// <summary>What the VMM does, on any KVM: the guest needs not know of it.</summary>
    public static void RunHost(string hello, int samples) => Run("hot add disk, VMM alone", directory =>
    {
        var boot = new BootInputs(Path.GetFullPath(hello), "", "", HostMemoryMib, "");
        using HotPlugMachine ours = HotPlugMachine.Ours(boot, Path.Combine(directory, "ours.qmp"));
        using HotPlugMachine peer = HotPlugMachine.Peer(boot, Path.Combine(directory, "peer.qmp"), samples + 1);
        ours.AwaitBoot(Greeting);
        peer.AwaitBoot(Greeting);
        Thread.Sleep(Settle);
        var times = new PairedSamples();
        for (int i = 0; i <= samples; i++)
        {
            (double our, double other) = (ours.Plug(i, Image(directory, $"ours{i}")), peer.Plug(i, Image(directory, $"peer{i}")));
            Console.Error.WriteLine($"  {(i == 0 ? "warm-up" : i)}: ours {our:F2} ms, {HotPlugMachine.PeerName} {other:F2} ms");
            if (i > 0)
            {
                times.Add(our, other);
            }
        }

        Print("hot add disk, VMM alone", times, "From the request to the answer that the disk is plugged, its image open; a guest that waits for a key.");
    });

    /// <summary>What the operator and the guest see, where unmodified kernels run.</summary>
    public static void RunLinux(LinuxInputs inputs, int samples) => Run("hot add disk, Linux", directory =>
    {
        string commandLine = $"{LinuxSuite.CommandLine} strato_run=\"{GuestCommand}\"";
        var boot = new BootInputs(inputs.Kernel, inputs.PlainInitrd, commandLine, LinuxSuite.MemoryMib, inputs.KernelCache);
        using HotPlugMachine ours = HotPlugMachine.Ours(boot, Path.Combine(directory, "ours.qmp"));
        ours.AwaitBoot(Watching);
        ours.Pause();
        using HotPlugMachine peer = HotPlugMachine.Peer(boot, Path.Combine(directory, "peer.qmp"), outlets: 1);
        peer.AwaitBoot(Watching);
        peer.Pause();
        MeasureLinux(ours, Image(directory, "ours"), peer, Image(directory, "peer"), samples);
    });

    private static void Run(string name, Action<string> measure)
    {
        Console.Error.WriteLine(name);
        string directory = Directory.CreateTempSubdirectory("strato-bench-").FullName;
        try
        {
            measure(directory);
        }
        catch (Exception reason) when (reason is BenchException or IOException)
        {
            // These rows or none, but the other suites' rows all the same.
            Record.LeaveOut(name, reason.Message.ReplaceLineEndings(" "));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string Image(string directory, string name)
    {
        string path = Path.Combine(directory, name);
        using FileStream file = File.Create(path);
        file.SetLength(ImageMib << 20);
        return path;
    }

    private static void MeasureLinux(HotPlugMachine ours, string ourImage, HotPlugMachine peer, string peerImage, int samples)
    {
        PairedSamples addHost = new(), addGuest = new(), removeHost = new(), removeGuest = new();
        for (int i = 0; i <= samples; i++)
        {
            Turn our = TakeTurn(ours, ourImage);
            Turn other = TakeTurn(peer, peerImage);
            Console.Error.WriteLine($"  {(i == 0 ? "warm-up" : i)}: ours {our}; {HotPlugMachine.PeerName} {other}");
            if (i > 0)
            {
                addHost.Add(our.AddHost, other.AddHost);
                addGuest.Add(our.AddGuest, other.AddGuest);
                removeHost.Add(our.RemoveHost, other.RemoveHost);
                removeGuest.Add(our.RemoveGuest, other.RemoveGuest);
            }
        }

        const string guest = " Debian's stock cloud kernel, 1 vCPU, each machine paused while it is the other's turn; the guest looks every 2 ms.";
        Print("hot add disk, host side", addHost, "From the request to the answer that the disk is plugged, its image open." + guest);
        Print("hot add disk, seen by guest", addGuest, "From the request to the disk's node in the guest's /dev." + guest);
        Print("hot remove disk, host side", removeHost, "From the request until the guest has given the disk back and its image is closed." + guest);
        Print("hot remove disk, seen by guest", removeGuest, "From the request until the node in the guest's /dev is gone." + guest);
    }

    private static Turn TakeTurn(HotPlugMachine machine, string image)
    {
        machine.Resume();
        Thread.Sleep(Settle);
        double addHost = machine.Plug(0, image);
        double addGuest = machine.AwaitGuest(Found);
        Thread.Sleep(Settle);
        double removeHost = machine.Unplug(0);
        double removeGuest = machine.AwaitGuest(Lost);
        Thread.Sleep(Settle);
        machine.Pause();
        return new Turn(addHost, addGuest, removeHost, removeGuest);
    }

    private static void Print(string name, PairedSamples samples, string note) =>
        ResultRow.LowerIsBetter(name, "ms", samples, $"{note} {Asked}", HotPlugMachine.PeerName).Print();

    /// <summary>One disk that came and went, in ms.</summary>
    private readonly record struct Turn(double AddHost, double AddGuest, double RemoveHost, double RemoveGuest)
    {
        public override string ToString() => $"add {AddHost:F1}, {AddGuest:F1}, remove {RemoveHost:F1}, {RemoveGuest:F1} ms";
    }
}
