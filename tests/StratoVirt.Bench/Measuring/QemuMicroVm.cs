using StratoVirt.Bench.Children;
using StratoVirt.Machine;
using StratoVirt.Machine.Host;

namespace StratoVirt.Bench.Measuring;

/// <summary>
/// QEMU's microvm with everything off that the guest does not need, and its best accelerator. The boot-mark port is an
/// ISA debug console whose bytes come out of standard output.
/// </summary>
internal static class QemuMicroVm
{
    /// <summary>What rows call it.</summary>
    public const string Name = "QEMU microvm";

    private const string Program = "/usr/bin/qemu-system-x86_64";

    /// <summary>The program, or an error that says what is missing.</summary>
    public static string Path => File.Exists(Program)
        ? Program
        : throw new BenchException($"{Program} is missing: install the package qemu-system-x86.");

    /// <summary>The CPU model: QEMU's host model sets MSRs that a KVM without hardware support refuses; there it gets its
    /// default model.</summary>
    public static string CpuModel { get; } =
        HostProbe.Inspect(new MachineEnvironment()).Kind is KvmKind.Vmx or KvmKind.Svm ? "host" : "qemu64";

    /// <summary>Its arguments.</summary>
    /// <param name="inputs">What to boot.</param>
    /// <param name="serial">Give the guest a serial port, as ours always has.</param>
    /// <param name="rtc">Give the guest a clock: Linux polls one that is missing for a second.</param>
    public static string[] Arguments(BootInputs inputs, bool serial, bool rtc)
    {
        List<string> arguments =
        [
            "-M", $"microvm,accel=kvm,acpi=on,pit=off,pic=off,rtc={Switch(rtc)},isa-serial={Switch(serial)},x-option-roms=off",
            "-cpu", CpuModel, "-smp", "1", "-m", $"{inputs.MemoryMib}",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-chardev", "stdio,id=mark,signal=off", "-device", "isa-debugcon,iobase=0x606,chardev=mark",
            "-kernel", inputs.Kernel,
        ];
        if (serial)
        {
            arguments.AddRange(["-serial", "null"]);
        }

        if (inputs.Initrd.Length != 0)
        {
            arguments.AddRange(["-initrd", inputs.Initrd]);
        }

        if (inputs.CommandLine.Length != 0)
        {
            arguments.AddRange(["-append", inputs.CommandLine]);
        }

        return [.. arguments];
    }

    /// <summary>Arguments for a guest that drives one device and prints on its serial port, which is standard output. It
    /// ends the process by its power-off port.</summary>
    public static string[] GuestArguments(BootInputs inputs, BenchDevice device) =>
    [
        "-M", "microvm,accel=kvm,acpi=on,pit=off,pic=off,rtc=off,isa-serial=on,x-option-roms=off",
        "-cpu", CpuModel, "-smp", "1", "-m", $"{inputs.MemoryMib}",
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-serial", "stdio", "-device", "isa-debug-exit,iobase=0x600",
        "-global", "virtio-mmio.force-legacy=false",
        "-kernel", inputs.Kernel, "-append", inputs.CommandLine,
        .. device.ToQemu(),
    ];

    private static string Switch(bool on) => on ? "on" : "off";
}
