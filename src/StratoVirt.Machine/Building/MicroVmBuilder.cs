using StratoVirt.Backends.Char;
using StratoVirt.Definitions;
using StratoVirt.Kvm;
using StratoVirt.Linux;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.Unpacking;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Building.Devices;
using StratoVirt.Machine.BuiltIn;
using StratoVirt.Machine.Host;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Building;

/// <summary>Turns a definition into an assembled microVM, finding everything that can be wrong on the way. What was
/// opened before a failure is closed again.</summary>
internal static class MicroVmBuilder
{
    /// <summary>Builds the machine.</summary>
    /// <param name="definition">A valid definition.</param>
    /// <param name="environment">The host's side.</param>
    /// <param name="console">Where the serial port prints.</param>
    /// <exception cref="MachineException">Something does not fit; nothing is left behind.</exception>
    public static MicroVm Build(VmDefinition definition, MachineEnvironment environment, ICharBackend console)
    {
        KvmSystem kvm = OpenKvm(environment.KvmDevice);
        BootPlan? plan = null;
        GuestMemory? memory = null;
        VirtioBoard? board = null;
        try
        {
            CheckHost(definition, kvm);
            plan = OpenPlan(definition, environment);
            memory = Allocate(definition.Spec.Memory, shared: definition.Spec.Shares.Count > 0);
            board = CreateBoard(definition, environment, plan, memory);
            return new MicroVm(definition.Metadata.Name, kvm, plan, memory, console, board);
        }
        catch (Exception failure)
        {
            board?.Dispose();
            memory?.Dispose();
            plan?.Dispose();
            kvm.Dispose();
            if (failure is LinuxException refused)
            {
                throw new MachineException(
                    MachineErrorId.KvmUnsuitable,
                    $"KVM on this host refused to build machine '{definition.Metadata.Name}': {refused.Operation} failed.",
                    "Run Test-StratoHost to see what this host can do.",
                    refused);
            }

            throw;
        }
    }

    private static KvmSystem OpenKvm(string device)
    {
        try
        {
            return KvmSystem.Open(device);
        }
        catch (LinuxException refused) when (refused.Errno is Errno.AccessDenied or Errno.NotPermitted)
        {
            throw new MachineException(
                MachineErrorId.KvmPermission,
                $"This user may not open {device}.",
                "Add the user to the group that owns the device (usually: sudo usermod -aG kvm $USER) and log in again.",
                refused);
        }
        catch (LinuxException refused)
        {
            throw new MachineException(
                MachineErrorId.KvmMissing,
                $"There is no usable KVM at {device}.",
                "Load kvm_intel or kvm_amd; inside a virtual machine enable nested virtualisation; in a container pass the device through.",
                refused);
        }
    }

    private static void CheckHost(VmDefinition definition, KvmSystem kvm)
    {
        if (KvmRequirements.MissingFrom(kvm) is { IsEmpty: false } missing)
        {
            throw new MachineException(
                MachineErrorId.KvmUnsuitable,
                $"This host's KVM lacks {string.Join(", ", missing)}.",
                "Run a newer kernel on the host.");
        }

        int most = kvm.CheckExtension(KvmCapability.MaxVcpus);
        if (definition.Spec.Cpus > most)
        {
            throw new MachineException(
                MachineErrorId.TooManyCpus,
                $"{definition.Spec.Cpus} vCPUs were asked for; KVM on this host runs at most {most} in one machine.",
                $"Ask for {most} or fewer.");
        }

        HostMemory host = HostMemory.Read();
        ulong backable = host.Total + host.Swap;
        if (backable != 0 && definition.Spec.Memory.Bytes > backable)
        {
            throw new MachineException(
                MachineErrorId.MemoryUnavailable,
                $"{definition.Spec.Memory} of memory were asked for; this host has {backable >> 20}MiB with swap, {host.Available >> 20}MiB of it available now.",
                "Ask for less memory.");
        }
    }

    private static BootPlan OpenPlan(VmDefinition definition, MachineEnvironment environment)
    {
        BootSpec boot = definition.Spec.Boot;
        KernelImage kernel = boot.BuiltIn
            ? KernelImage.Recognise(BootFile.FromStream("the built-in guest", BuiltInGuest.Open()))
            : environment.Kernel?.Recognise() ?? KernelImage.Open(Resolve(boot.Kernel!, environment), Cache(environment));
        try
        {
            return new BootPlan
            {
                Kernel = kernel,
                Initrd = boot.Initrd is null ? null : BootPlan.OpenInitrd(Resolve(boot.Initrd, environment)),
                CommandLine = boot.CommandLine,
                Cpus = definition.Spec.Cpus,
                Acpi = definition.Spec.Acpi,
                MmioSlots = AllocateSlots(definition),
                PciHighWindow = Layout.PciHighWindow(definition.Spec.Memory.Bytes),
            };
        }
        catch
        {
            kernel.Dispose();
            throw;
        }
    }

    private static VirtioBoard CreateBoard(
        VmDefinition definition, MachineEnvironment environment, BootPlan plan, GuestMemory memory)
    {
        var context = new DeviceContext(
            definition.Spec.RateGroups, environment.ThreadGuard, TimeSpan.FromMicroseconds(definition.Spec.Polling))
        {
            Machine = definition.Metadata.Name,
            Cpus = definition.Spec.Cpus,
            Memory = memory,
            FreeAddress = plan.PciHighWindow.End.Value,
            BaseDirectory = environment.BaseDirectory,
            RuntimeDirectory = environment.Runtime?.For(definition.Metadata.Name),
        };
        IReadOnlyList<DeviceAssembly> assemblies;
        try
        {
            assemblies = DeviceFamilies.CreateAll(definition.Spec, context, environment.Ends);
        }
        catch
        {
            context.Dispose();
            throw;
        }
        finally
        {
            foreach (HostEnds ends in environment.Ends.Values)
            {
                ends.Dispose();
            }
        }

        return new VirtioBoard(context, assemblies, plan.MmioSlots);
    }

    private static GuestMemory Allocate(ByteSize size, bool shared)
    {
        try
        {
            // Only memory with a file behind it can be served by another process.
            IReadOnlyList<GuestRange> ranges = BootLoader.MemoryLayout(size.Bytes);
            return shared ? GuestMemory.CreateShared(ranges) : GuestMemory.CreateAnonymous(ranges);
        }
        catch (LinuxException refused)
        {
            throw new MachineException(
                MachineErrorId.MemoryUnavailable,
                $"The host refused to map {size} of guest memory.",
                "Ask for less memory, or raise this process's address-space limit (ulimit -v).",
                refused);
        }
    }

    private static IReadOnlyList<MmioSlot> AllocateSlots(VmDefinition definition)
    {
        int count = DeviceFamilies.CountTransports(definition.Spec);
        return count <= Layout.VirtioMmioSlots
            ? MmioSlots.Allocate(count)
            : throw new MachineException(
                MachineErrorId.TooManyDevices,
                $"Machine '{definition.Metadata.Name}' has {count} devices; there is room for {Layout.VirtioMmioSlots}.",
                "Take devices out of the definition.");
    }

    private static KernelCache? Cache(MachineEnvironment environment) =>
        environment.KernelCache is { } directory ? new KernelCache(directory) : null;

    private static string Resolve(string path, MachineEnvironment environment) =>
        Path.GetFullPath(path, environment.BaseDirectory);
}
