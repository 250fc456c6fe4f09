using System.Text;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>The kernel command line: the user's, or the default, and what the machine has to add.</summary>
internal static class CommandLine
{
    /// <summary>
    /// What a machine boots with when its definition names no command line. The console is the serial port. A reboot
    /// goes through the i8042, which every kernel can do with or without ACPI and which takes effect at the first
    /// port write. Nothing about panics: the kernel's default holds the machine with the message on its console,
    /// where <c>panic=-1</c> would have it boot in circles, because a reset boots again here.
    /// </summary>
    public const string Default = "console=ttyS0 reboot=k";

    /// <summary>The bytes the kernel gets, ended by NUL.</summary>
    /// <exception cref="MachineException">They are more than the kernel takes.</exception>
    public static byte[] Build(BootPlan plan)
    {
        StringBuilder text = new(plan.CommandLine ?? Default);
        if (!plan.Acpi)
        {
            // Without ACPI nothing but the command line tells a kernel of its virtio-mmio transports
            // (Documentation/admin-guide/kernel-parameters.txt, virtio_mmio.device).
            foreach (MmioSlot slot in plan.MmioSlots)
            {
                GuestRange registers = slot.Registers;
                text.Append(text.Length > 0 ? " " : string.Empty)
                    .Append($"virtio_mmio.device={registers.Length}@{registers.Start}:{slot.Gsi}");
            }
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.Append('\0').ToString());
        int max = plan.Kernel.CommandLineMax;
        return bytes.Length - 1 <= max
            ? bytes
            : throw new MachineException(
                MachineErrorId.CommandLineTooLong,
                $"The kernel command line has {bytes.Length - 1} bytes, the kernel takes {max}.",
                "Shorten the command line.");
    }
}
