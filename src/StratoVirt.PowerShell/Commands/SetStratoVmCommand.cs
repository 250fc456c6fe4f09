using System.Collections;
using System.Management.Automation;
using StratoVirt.Definitions;
using StratoVirt.PowerShell.Binding;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Changes definitions; a running machine takes them at its next start.</summary>
[Cmdlet(VerbsCommon.Set, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoVm))]
public sealed class SetStratoVmCommand : TargetedVmCommand
{
    /// <summary>The kernel file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Kernel { get; set; }

    /// <summary>The initial ramdisk; an empty string takes it away.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Initrd { get; set; }

    /// <summary>Boot the guest the module carries, instead of a kernel.</summary>
    [Parameter]
    public SwitchParameter BuiltIn { get; set; }

    /// <summary>The kernel command line; an empty string takes the default again.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? CommandLine { get; set; }

    /// <summary>Number of vCPUs.</summary>
    [Parameter]
    public int Cpus { get; set; }

    /// <summary>Guest memory in bytes.</summary>
    [Parameter]
    [MemorySize]
    public ulong Memory { get; set; }

    /// <summary>Describe the machine by an MP table instead of ACPI; <c>-NoAcpi:$false</c> takes ACPI again.</summary>
    [Parameter]
    public SwitchParameter NoAcpi { get; set; }

    /// <summary>Labels; they replace those it has.</summary>
    [Parameter]
    [AllowNull]
    public Hashtable? Label { get; set; }

    /// <summary>Emit the machines changed.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        if (!ShouldProcess(vm.Name, "Change"))
        {
            return;
        }

        StratoVm changed = Catalog.Update(vm.Name, Change);
        if (changed.State != StratoVmState.Stopped)
        {
            WriteWarning($"{vm.Name} is {changed.Status}: it takes the change at its next start.");
        }

        if (PassThru)
        {
            WriteObject(changed);
        }
    }

    private VmDefinition Change(VmDefinition before) => before with
    {
        Metadata = IsGiven(nameof(Label)) ? before.Metadata with { Labels = LabelTable.ToLabels(Label) } : before.Metadata,
        Spec = before.Spec with
        {
            Cpus = IsGiven(nameof(Cpus)) ? Cpus : before.Spec.Cpus,
            Memory = IsGiven(nameof(Memory)) ? new ByteSize(Memory) : before.Spec.Memory,
            Acpi = IsGiven(nameof(NoAcpi)) ? !NoAcpi : before.Spec.Acpi,
            Boot = Change(before.Spec.Boot),
        },
    };

    private BootSpec Change(BootSpec boot)
    {
        if (BuiltIn)
        {
            // What else was given stays in, so that -BuiltIn beside -Kernel is refused like the same in a document.
            boot = new BootSpec { BuiltIn = true, CommandLine = boot.CommandLine };
        }

        if (Kernel is not null)
        {
            boot = boot with { Kernel = Paths.Unresolved(SessionState, Kernel), BuiltIn = BuiltIn };
        }

        if (IsGiven(nameof(Initrd)))
        {
            boot = boot with { Initrd = string.IsNullOrEmpty(Initrd) ? null : Paths.Unresolved(SessionState, Initrd) };
        }

        return IsGiven(nameof(CommandLine))
            ? boot with { CommandLine = string.IsNullOrEmpty(CommandLine) ? null : CommandLine }
            : boot;
    }
}
