using System.IO.Enumeration;
using StratoVirt.Bench.Children;
using StratoVirt.Bench.Measuring;
using StratoVirt.Machine;
using StratoVirt.Machine.Host;

namespace StratoVirt.Bench.Suites;

/// <summary>
/// What virtio devices carry, on any KVM: a bare-metal guest drives one device by polling and reports the time that
/// took. The same guest, the same requests and the same host files for both.
/// </summary>
internal static class VirtioSuite
{
    // Long enough to make the way up to speed small, short enough for many samples.
    private const double SecondsEach = 0.5;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Prints the rows.</summary>
    /// <param name="guest">The benchmark guest.</param>
    /// <param name="directory">Where disk images and sockets go.</param>
    /// <param name="samples">Samples of each side for each row.</param>
    /// <param name="rows">A wildcard for the names of the rows to measure.</param>
    public static void Run(string guest, string directory, int samples, string rows)
    {
        guest = Path.GetFullPath(guest);
        Directory.CreateDirectory(directory);
        string buffered = Path.GetFullPath(Path.Combine(directory, "buffered.img"));
        string direct = Path.GetFullPath(Path.Combine(directory, "direct.img"));
        var failures = new List<string>();
        BenchTap? tap = null;
        try
        {
            Console.Error.WriteLine("virtio");
            var runner = new Runner(guest, TickRate.Measure(guest, Limit), samples, rows, failures);
            DiskImages.Write(buffered);
            DiskImages.Write(direct);
            runner.Disk("buffered", new BenchDisk(buffered, Direct: false));
            runner.Disk("direct", new BenchDisk(direct, Direct: true));
            runner.Entropy();
            try
            {
                tap = BenchTap.Create();
                runner.Network(tap);
            }
            catch (BenchException reason) when (tap is null)
            {
                Record.LeaveOut("virtio-net", reason.Message);
            }

            runner.Stream(new BenchStream(Path.GetFullPath(Path.Combine(directory, "vsock"))));
        }
        finally
        {
            tap?.Dispose();
            File.Delete(buffered);
            File.Delete(direct);
        }

        if (failures.Count != 0)
        {
            throw new BenchException(string.Join('\n', failures));
        }
    }

    private sealed class Runner(string guest, double ticksASecond, int samples, string rows, List<string> failures)
    {
        private readonly string _kvm = HostProbe.Inspect(new MachineEnvironment()).Kind.ToString().ToUpperInvariant();

        public void Disk(string cache, BenchDisk disk)
        {
            string note = $"Raw image of {DiskImages.Size >> 20} MiB, {(disk.Direct ? "O_DIRECT" : "in the host's page cache")}, each "
                + $"request checked by the guest. Both look for requests up to 32 µs before they sleep. Peer: iothread, "
                + $"aio={BenchDisk.PeerEngine(disk.Direct)}.";
            Measure($"virtio-blk 4k random read, depth 1, {cache}", "requests/s", "blk-read size=4096 depth=1 seed=88172645463325252", disk, note);
            Measure($"virtio-blk 4k random read, depth 32, {cache}", "requests/s", "blk-read size=4096 depth=32 seed=88172645463325252", disk, note);
            Measure($"virtio-blk 128k sequential read, {cache}", "MiB/s", "blk-read size=131072 depth=8", disk, $"Depth 8. {note}");
            Measure($"virtio-blk 128k sequential write, {cache}", "MiB/s", "blk-write size=131072 depth=8", disk, $"Depth 8, no flush. {note}");
            DiskImages.Verify(disk.Path);
        }

        public void Entropy()
        {
            const string Command = "rng-read size=4096 depth=8";
            const string Note = "Buffers of 4 KiB, depth 8, from the host kernel's generator.";
            Measure("virtio-rng throughput", "MiB/s", Command, new BenchEntropy(PeerAsksKernel: true), $"{Note} Peer: rng-random, /dev/urandom.");
            Measure(
                "virtio-rng throughput, peer's own generator", "MiB/s", Command, new BenchEntropy(PeerAsksKernel: false),
                $"{Note} Peer: rng-builtin, its default, which runs GnuTLS's generator in user space.");
        }

        public void Network(BenchTap tap)
        {
            var network = new BenchNetwork(tap.Name);
            const string Send = "Depth 64, through a tap to the host, which drops them. Peer: tap without vhost.";
            Measure("virtio-net transmit 64 B", "packets/s", "net-send size=64 depth=64", network, Send);
            Measure("virtio-net transmit 1500 B", "MiB/s", "net-send size=1500 depth=64", network, Send);
            const string Receive = "Depth 128, from a packet socket that floods the tap from one thread: the sender may be the limit. Peer: tap without vhost.";
            foreach ((int size, string unit) in (ReadOnlySpan<(int, string)>)[(64, "packets/s"), (1500, "MiB/s")])
            {
                string name = $"virtio-net receive {size} B";
                using (IsWanted(name) ? new FrameFlood(tap.Name, size) : null)
                {
                    Measure(name, unit, $"net-receive size={size} depth=128", network, Receive);
                }
            }
        }

        public void Stream(BenchStream stream)
        {
            using var drain = new StreamDrain(stream.ListenerPath);
            Measure(
                "virtio-vsock guest to host", "MiB/s", "vsock-send size=4096 depth=8", stream,
                "Packets of 4 KiB, depth 8, to a Unix socket whose other end is drained. The peer has vsock only through the "
                + "host's vhost-vsock module: its guest writes as much, without headers and credit, to a virtio console on the same socket.");
        }

        private bool IsWanted(string name) => FileSystemName.MatchesSimpleExpression(rows, name);

        // One failure does not cost the other rows.
        private void Measure(string name, string unit, string commandLine, BenchDevice device, string note)
        {
            if (!IsWanted(name))
            {
                return;
            }

            Console.Error.WriteLine(name);
            try
            {
                Sample(name, unit, commandLine, device, note);
            }
            catch (BenchException failure)
            {
                Console.Error.WriteLine($"  {failure.Message}");
                failures.Add($"{name}: {failure.Message}");
            }
        }

        private void Sample(string name, string unit, string commandLine, BenchDevice device, string note)
        {
            // The warm-up says how many requests make a sample.
            const int FirstCount = 2000;
            const int LeastCount = 100;
            string first = $"{commandLine} count={FirstCount}";
            double Slowest() => Math.Min(
                Requests(GuestRun.Ours(guest, first, device, Limit)), Requests(GuestRun.Peer(guest, first, device, Limit)));
            long count = Math.Max(LeastCount, (long)(Slowest() * SecondsEach));
            string line = $"{commandLine} count={count}";
            var paired = new PairedSamples();
            for (int i = 1; i <= samples; i++)
            {
                // The first of a pair is now this one and now the other, so that neither always finds what the other left.
                bool isOursFirst = i % 2 == 1;
                double our = isOursFirst ? Rate(GuestRun.Ours(guest, line, device, Limit), unit) : 0;
                double peer = Rate(GuestRun.Peer(guest, line, device, Limit), unit);
                our = isOursFirst ? our : Rate(GuestRun.Ours(guest, line, device, Limit), unit);
                Console.Error.WriteLine($"  {i}: ours {our:F0}, {QemuMicroVm.Name} {peer:F0} {unit}");
                paired.Add(our, peer);
            }

            ResultRow.HigherIsBetter(
                name, unit, paired, $"Polling guest, no interrupts, {count} requests each. KVM: {_kvm}. {note}").Print();
        }

        private double Requests(GuestResult result) => result.Requests * ticksASecond / result.Ticks;

        private double Rate(GuestResult result, string unit) => unit == "MiB/s"
            ? result.Bytes * ticksASecond / result.Ticks / (1 << 20)
            : Requests(result);
    }
}
