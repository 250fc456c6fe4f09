using System.Diagnostics;
using StratoVirt.Bench.Children;
using StratoVirt.Bench.Measuring;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;

namespace StratoVirt.Bench.Suites;

/// <summary>What the host program costs that holds a detached machine, on any KVM.</summary>
internal static class DetachedSuite
{
    private const int BootMemoryMib = 128;
    private const int MemorySamples = 5;
    private const long DiskBytes = 64 << 20;

    /// <summary>The last character of the guest's prompt before the blank: it has booted and waits.</summary>
    private const char Prompt = '>';

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Late pages of start-up: threads going to sleep, the host giving back what its start needed.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(1000);

    public static void Run(string host, string firstMark, string hello, int samples, string kvm)
    {
        FirstInstruction(host, firstMark, samples, kvm);
        try
        {
            Memory(host, hello, kvm);
        }
        catch (BenchException missing)
        {
            Record.LeaveOut("VMM memory beside guest RAM, detached host", missing.Message.ReplaceLineEndings(" "));
        }
    }

    private static void FirstInstruction(string host, string firstMark, int samples, string kvm)
    {
        Console.Error.WriteLine("process start to first guest instruction, detached");
        var inputs = new BootInputs(firstMark, "", "", BootMemoryMib, "");
        PairedSamples times = BootRace.Run(
            () =>
            {
                using DetachedRun run = DetachedRun.Start(host, inputs.ToDefinition("bench"), Limit);
                return run.ToFirstByte;
            },
            QemuMicroVm.Arguments(inputs, serial: false, rtc: false),
            BootRace.FirstMark,
            samples,
            Limit);
        ResultRow.LowerIsBetter(
            "process start to first guest instruction, detached",
            "ms",
            times,
            $"KVM: {kvm}. Ours: from before the order to the host program is written to a byte of a PVH ELF guest out of its "
            + "serial port, the instruction after its first. Peer: as in the row in-process.").Print();
    }

    private static void Memory(string host, string hello, string kvm)
    {
        Console.Error.WriteLine("VMM memory beside guest RAM, detached host");
        string images = Directory.CreateTempSubdirectory("stratovirt-bench-").FullName;
        using BenchTap tap = BenchTap.Create();
        try
        {
            var samples = new PairedSamples();
            var dirty = new PairedSamples();
            for (int i = 0; i < MemorySamples; i++)
            {
                (long ours, long oursDirty) = OursKib(host, hello, NewImage(images), tap.Name);
                (long peer, long peerDirty) = PeerKib(hello, NewImage(images), tap.Name);
                Console.Error.WriteLine(
                    $"  {i + 1}: ours {ours} KiB, {oursDirty} private dirty; {QemuMicroVm.Name} {peer} KiB, {peerDirty} private dirty");
                samples.Add(ours, peer);
                dirty.Add(oursDirty, peerDirty);
            }

            ResultRow.LowerIsBetter(
                "VMM memory beside guest RAM, detached host",
                "KiB",
                samples,
                $"Sum of Rss in smaps without the guest's RAM: a running guest with one disk, one network card on a tap and one "
                + $"console port. KVM: {kvm}. Ours: {samples.Ours:F0} KiB, of these {dirty.Ours:F0} private dirty, which is "
                + $"{dirty.Ours / dirty.Peer:0.00} of the peer's.").Print();
        }
        finally
        {
            Directory.Delete(images, recursive: true);
        }
    }

    // One for each machine: the kernel lets go of a killed process's rings, and with them of its images and their locks,
    // some time after the process has ended.
    private static string NewImage(string directory)
    {
        string path = Path.Combine(directory, $"{Guid.NewGuid():N}.img");
        using FileStream file = File.Create(path);
        file.SetLength(DiskBytes);
        return path;
    }

    private static (long Resident, long Dirty) OursKib(string host, string hello, string image, string tap)
    {
        VmDefinition definition = new BootInputs(hello, "", "", HoldChild.MemoryMib, "").ToDefinition("bench");
        definition = definition with
        {
            Spec = definition.Spec with
            {
                Disks = [new DiskSpec { Name = "disk", Path = image }],
                Networks = [new NetworkSpec { Name = "net", Tap = tap }],
                Ports = [new ConsolePortSpec { Name = "port", Console = true }],
            },
        };
        using DetachedRun run = DetachedRun.Start(host, definition, Limit);
        run.Await(Prompt);
        Thread.Sleep(Settling);
        return ResidentMemory.Measure(run.ProcessId, 1, HoldChild.MemoryMib * 1024);
    }

    private static (long Resident, long Dirty) PeerKib(string hello, string image, string tap)
    {
        var inputs = new BootInputs(hello, "", "", HoldChild.MemoryMib, "");
        using var process = new Process
        {
            StartInfo = BootRace.Redirected(
                QemuMicroVm.Path,
                [
                    .. QemuMicroVm.Arguments(inputs, serial: true, rtc: false),
                    "-global", "virtio-mmio.force-legacy=false",
                    .. new BenchDisk(image, Direct: false).ToQemu(),
                    .. new BenchNetwork(tap).ToQemu(),
                    "-chardev", "null,id=port", "-device", "virtio-serial-device", "-device", "virtconsole,chardev=port",
                ]),
        };
        process.Start();
        try
        {
            int mark;
            while ((mark = process.StandardOutput.BaseStream.ReadByte()) != HoldChild.ReadyMark)
            {
                if (mark < 0)
                {
                    throw new BenchException($"{QemuMicroVm.Name} did not boot: {process.StandardError.ReadToEnd().Trim()}");
                }
            }

            Thread.Sleep(Settling);
            return ResidentMemory.Measure(process.Id, 1, HoldChild.MemoryMib * 1024);
        }
        finally
        {
            BootRace.End(process);
        }
    }
}
