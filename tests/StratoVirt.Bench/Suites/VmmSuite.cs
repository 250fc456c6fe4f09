using System.Diagnostics;
using StratoVirt.Bench.Children;
using StratoVirt.Bench.Measuring;
using StratoVirt.Machine;
using StratoVirt.Machine.Host;

namespace StratoVirt.Bench.Suites;

/// <summary>What the VMM itself costs, on any KVM: bare-metal guests that need no working guest kernel.</summary>
internal static class VmmSuite
{
    private const int BootMemoryMib = 128;
    private const int MoreMachines = 32;
    private const int MemorySamples = 5;
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(30);

    // Late pages of start-up: allocators trimming, threads going to sleep.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(300);

    public static void Run(string firstMark, string hello, int samples, string? host)
    {
        string kvm = HostProbe.Inspect(new MachineEnvironment()).Kind.ToString().ToUpperInvariant();
        FirstInstruction(Path.GetFullPath(firstMark), samples, kvm);
        Memory(Path.GetFullPath(hello), kvm);
        if (host is not null)
        {
            DetachedSuite.Run(host, Path.GetFullPath(firstMark), Path.GetFullPath(hello), samples, kvm);
        }
    }

    private static void FirstInstruction(string firstMark, int samples, string kvm)
    {
        Console.Error.WriteLine("process start to first guest instruction");
        var inputs = new BootInputs(firstMark, "", "", BootMemoryMib, "");
        PairedSamples times = BootRace.Run(
            inputs, QemuMicroVm.Arguments(inputs, serial: false, rtc: false), BootRace.FirstMark, samples, BootLimit);
        ResultRow.LowerIsBetter(
            "process start to first guest instruction",
            "ms",
            times,
            $"From before fork to a byte on a pipe when a PVH ELF guest writes its first port. KVM: {kvm}. Ours: NativeAOT process, "
            + "full device set. Peer: no serial port, clock, PIT, PIC or option ROMs; its firmware runs before the guest.").Print();
    }

    private static void Memory(string hello, string kvm)
    {
        Console.Error.WriteLine("VMM memory beside guest RAM");
        var samples = new PairedSamples();
        var wholes = new List<long>();
        for (int i = 0; i < MemorySamples; i++)
        {
            (long one, long all) = OursKib(hello);
            long peer = QemuKib(hello);
            double each = (double)(all - one) / MoreMachines;
            Console.Error.WriteLine($"  {i + 1}: ours {each:F0} KiB each, process with one {one} KiB; {QemuMicroVm.Name} {peer} KiB");
            samples.Add(each, peer);
            wholes.Add(one);
        }

        wholes.Sort();
        long whole = wholes[wholes.Count / 2];
        ResultRow.LowerIsBetter(
            "VMM memory beside guest RAM",
            "KiB",
            samples,
            $"Sum of Rss in smaps without the guest's RAM, idle guests. KVM: {kvm}. Ours: growth per machine from 1 to "
            + $"{MoreMachines + 1} in one process; the whole process with one machine is {whole / samples.Peer:0.00} of the peer's. "
            + "Peer: a process per machine; Rss counts program text in full though processes share it.").Print();
    }

    private static (long One, long All) OursKib(string hello)
    {
        using Process process = Start(Environment.ProcessPath!, ["hold", hello, $"{MoreMachines}"]);
        try
        {
            WaitForReady(process);
            long one = ResidentMemory.BesideGuestsKib(process.Id, 1, HoldChild.MemoryMib * 1024);
            process.StandardInput.WriteLine();
            process.StandardInput.Flush();
            WaitForReady(process);
            long all = ResidentMemory.BesideGuestsKib(process.Id, MoreMachines + 1, HoldChild.MemoryMib * 1024);
            process.StandardInput.Close();
            return process.WaitForExit(BootLimit) && process.ExitCode == 0
                ? (one, all)
                : throw new BenchException("The process that held the machines did not end well.");
        }
        finally
        {
            BootRace.End(process);
        }
    }

    private static long QemuKib(string hello)
    {
        var inputs = new BootInputs(hello, "", "", HoldChild.MemoryMib, "");
        using Process process = Start(QemuMicroVm.Path, QemuMicroVm.Arguments(inputs, serial: true, rtc: false));
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
            return ResidentMemory.BesideGuestsKib(process.Id, 1, HoldChild.MemoryMib * 1024);
        }
        finally
        {
            BootRace.End(process);
        }
    }

    private static void WaitForReady(Process process)
    {
        if (process.StandardOutput.ReadLine() != "ready")
        {
            throw new BenchException($"The machines did not boot: {process.StandardError.ReadToEnd().Trim()}");
        }

        Thread.Sleep(Settling);
    }

    private static Process Start(string program, string[] arguments)
    {
        var process = new Process { StartInfo = BootRace.Redirected(program, arguments) };
        process.Start();
        return process;
    }
}
