using StratoVirt.Bench.Children;
using StratoVirt.Bench.Measuring;
using StratoVirt.GuestImages;

namespace StratoVirt.Bench.Suites;

/// <summary>Booting Debian's stock kernel, on a KVM that runs unmodified kernels: the machine itself or the lab.</summary>
internal static class LinuxSuite
{
    /// <summary>Guest RAM in MiB.</summary>
    public const int MemoryMib = 512;

    /// <summary>What a user of either would give: quiet, because each character is an exit; no probing of what neither
    /// has.</summary>
    public const string CommandLine = "console=ttyS0 quiet reboot=t panic=-1 i8042.noaux random.trust_cpu=on";

    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(180);

    public static void Run(LinuxInputs inputs, int samples)
    {
        Race(
            "start to init",
            InitScript.InitReached,
            inputs.Initrd,
            inputs.Kernel,
            inputs.KernelCache,
            samples,
            "Debian's stock cloud bzImage and an initramfs whose first program writes the mark. Ours unpacks the kernel on the host, "
            + "once, and takes it from its cache since; the peer's guest unpacks it at every start.");
        inputs.MarkUnpacked();
        Race(
            "start to init, VMM share",
            EntryMark.Mark,
            inputs.Initrd,
            inputs.MarkedKernel,
            inputs.MarkedKernelCache,
            samples,
            "The same files, but the kernel's first instructions write the mark: all that happens before the kernel runs.");
        Race(
            "start to init, unpacked kernel",
            InitScript.InitReached,
            inputs.Initrd,
            inputs.Unpacked,
            "",
            samples,
            "The vmlinux of the same kernel for both, so that neither unpacks: the peer at its fastest.");
    }

    /// <summary>As far as the kernel's entry, which any KVM gets to.</summary>
    public static void RunToEntry(LinuxInputs inputs, int samples) => Race(
        "process start to kernel entry",
        EntryMark.Mark,
        inputs.Initrd,
        inputs.MarkedUnpacked,
        "",
        samples,
        "The vmlinux of Debian's stock cloud kernel for both, whose first instructions write the mark: what a VMM takes to start "
        + "a true kernel, natively.");

    private static void Race(string name, byte mark, string initrd, string kernel, string cache, int samples, string note)
    {
        Console.Error.WriteLine(name);
        var boot = new BootInputs(kernel, initrd, CommandLine, MemoryMib, cache);
        PairedSamples times = BootRace.Run(boot, QemuMicroVm.Arguments(boot, serial: true, rtc: true), mark, samples, BootLimit);
        ResultRow.LowerIsBetter(
            name, "ms", times, $"{note} From before fork to the mark, 1 vCPU, {MemoryMib} MiB. Peer: ACPI and clock on, PIT and PIC off, host CPU model.")
            .Print();
    }
}
