using StratoVirt.Machine.Boot.Images;
using StratoVirt.Machine.Boot.X64.Acpi;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// Puts a kernel and all it is told into guest memory. Called before the first start and again at each reset, when
/// memory holds whatever the guest left: everything a boot depends on is written, or zeroed, every time.
/// </summary>
internal static class BootLoader
{
    private const ulong PageMask = 0xFFF;

    private const ulong Cr0ProtectedMode = 1 << 0;
    private const ulong Cr0ExtensionType = 1 << 4;
    private const ulong Cr0Paging = 1UL << 31;
    private const ulong Cr4PhysicalAddressExtension = 1 << 5;
    private const ulong EferLongModeEnable = 1 << 8;
    private const ulong EferLongModeActive = 1 << 10;

    /// <summary>Where RAM lies in a guest with so many bytes of it.</summary>
    public static IReadOnlyList<GuestRange> MemoryLayout(ulong bytes) => Layout.MemoryRanges(bytes);

    /// <summary>Loads and describes the machine to its kernel.</summary>
    /// <param name="plan">What to boot.</param>
    /// <param name="memory">RAM laid out by <see cref="MemoryLayout"/>, no vCPU running.</param>
    /// <returns>The state the boot vCPU starts in.</returns>
    /// <exception cref="MachineException">Kernel, initrd or command line do not fit, or a file changed or failed.</exception>
    public static EntryPoint Load(BootPlan plan, GuestMemory memory)
    {
        BootMemory target = new(memory);
        if (plan.Kernel.End > target.LowEnd)
        {
            throw KernelFault.TooBig(plan.Kernel.File.Name, plan.Kernel.End, target.LowEnd);
        }

        byte[] commandLine = CommandLine.Build(plan);
        GuestRange initrd = PlaceInitrd(plan, target.LowEnd);

        // All of the first MiB, so that no table of an earlier boot, or of the guest's making, is found by scanning.
        target.Zero(0, Layout.ExtendedMemory);
        LoadKernel(plan.Kernel, target);
        LoadInitrd(plan.Initrd, initrd, target);
        target.Write(Layout.CommandLine, commandLine);
        ResetVector.Write(target);
        ulong rsdp = 0;
        if (plan.Acpi)
        {
            rsdp = AcpiTables.Write(target, plan);
        }
        else
        {
            MpTable.Write(target, plan.Cpus);
        }

        IReadOnlyList<E820Entry> map = E820Map.Build(memory, plan.Acpi, plan.PciHighWindow.Start.Value);
        return plan.Kernel is ElfKernel { PvhEntry: { } entry }
            ? EnterProtected(target, entry, initrd, map, rsdp)
            : EnterLong(target, plan.Kernel, initrd, map, rsdp);
    }

    // As high as it may go, so that it is out of the way of whatever the kernel does at the bottom of memory.
    private static GuestRange PlaceInitrd(BootPlan plan, ulong lowEnd)
    {
        if (plan.Initrd is null)
        {
            return default;
        }

        ulong length = (ulong)plan.Initrd.Length;
        ulong top = Math.Min(lowEnd, plan.Kernel.InitrdAddressMax + 1);
        ulong bottom = (plan.Kernel.End + PageMask) & ~PageMask;
        if (bottom > top || length > top - bottom)
        {
            ulong room = top > bottom ? top - bottom : 0;
            throw new MachineException(
                MachineErrorId.InitrdTooBig,
                $"The initrd '{plan.Initrd.Name}' has {length} bytes; beside the kernel there is room for {room}.",
                $"Give the machine at least {((bottom + length) >> 20) + 16} MiB of memory, or make the initrd smaller.");
        }

        return new GuestRange(new GuestAddress((top - length) & ~PageMask), length);
    }

    private static void LoadKernel(KernelImage kernel, BootMemory memory)
    {
        try
        {
            bool complete = kernel switch
            {
                ElfKernel elf => elf.Segments.All(segment => LoadSegment(elf.File, segment, memory)),
                BzImageKernel image => memory.TryLoad(
                    image.LoadAddress, image.File, image.Header.CodeOffset, (ulong)image.CodeLength),
                _ => memory.TryLoad(Layout.ExtendedMemory, kernel.File, 0, (ulong)kernel.File.Length),
            };
            if (!complete)
            {
                throw KernelFault.Corrupt(kernel.File.Name, "it became shorter since the machine was built");
            }
        }
        catch (IOException failure)
        {
            throw KernelFault.Unreadable(kernel.File.Name, failure);
        }
    }

    private static bool LoadSegment(BootFile file, ElfSegment segment, BootMemory memory)
    {
        memory.Zero(segment.Address + segment.FileLength, segment.Length - segment.FileLength);
        return memory.TryLoad(segment.Address, file, segment.FileOffset, segment.FileLength);
    }

    private static void LoadInitrd(BootFile? file, GuestRange place, BootMemory memory)
    {
        if (file is null)
        {
            return;
        }

        IOException? cause = null;
        try
        {
            if (memory.TryLoad(place.Start.Value, file, 0, place.Length))
            {
                return;
            }
        }
        catch (IOException failure)
        {
            cause = failure;
        }

        throw new MachineException(
            MachineErrorId.InitrdMissing,
            $"The initrd '{file.Name}' cannot be read to its end.",
            "Leave the file alone while a machine uses it; check the file system it lies on.",
            cause);
    }

    private static EntryPoint EnterProtected(
        BootMemory memory, ulong entry, GuestRange initrd, IReadOnlyList<E820Entry> map, ulong rsdp)
    {
        HvmStartInfo.Write(memory, initrd, map, rsdp);
        BootSegments.Write(memory, EntryMode.Protected32);
        return Describe(EntryMode.Protected32, entry, Cr0ProtectedMode | Cr0ExtensionType) with { Rbx = Layout.StartInfo };
    }

    private static EntryPoint EnterLong(
        BootMemory memory, KernelImage kernel, GuestRange initrd, IReadOnlyList<E820Entry> map, ulong rsdp)
    {
        BootParams.Write(memory, kernel, initrd, map, rsdp);
        BootSegments.Write(memory, EntryMode.Long64);
        ulong entry = kernel switch
        {
            ElfKernel elf => elf.Entry,
            BzImageKernel image => image.LoadAddress + BzImageKernel.EntryOffset,
            _ => Layout.ExtendedMemory,
        };
        return Describe(EntryMode.Long64, entry, Cr0ProtectedMode | Cr0ExtensionType | Cr0Paging) with
        {
            Rsi = Layout.BootParams,
            Cr3 = IdentityMap.Write(memory),
            Cr4 = Cr4PhysicalAddressExtension,
            Efer = EferLongModeEnable | EferLongModeActive,
        };
    }

    private static EntryPoint Describe(EntryMode mode, ulong rip, ulong cr0) => new()
    {
        Mode = mode,
        Rip = rip,
        Rsp = Layout.BootStackTop,
        Cr0 = cr0,
        GdtBase = Layout.Gdt,
        GdtLimit = BootSegments.Limit,
        Code = BootSegments.Code(mode),
        Data = BootSegments.Data,
        TaskState = BootSegments.TaskState,
    };
}
