using System.Collections;
using System.Management.Automation;
using StratoVirt.Definitions;
using StratoVirt.PowerShell.Binding;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Adds a machine to the store.</summary>
[Cmdlet(VerbsCommon.New, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = FromKernel)]
[OutputType(typeof(StratoVm))]
public sealed class NewStratoVmCommand : StratoCommand
{
    private const string FromKernel = "Kernel";
    private const string FromBuiltIn = "BuiltIn";
    private const string FromImage = "Image";

    /// <summary>The machine's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [AllowEmptyString]
    public string Name { get; set; } = string.Empty;

    /// <summary>The kernel file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FromKernel, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Kernel { get; set; } = string.Empty;

    /// <summary>The initial ramdisk.</summary>
    [Parameter(ParameterSetName = FromKernel, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Initrd { get; set; }

    /// <summary>Boot the guest the module carries.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FromBuiltIn)]
    public SwitchParameter BuiltIn { get; set; }

    /// <summary>Kernel and ramdisk as <c>New-StratoGuestImage</c> makes them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FromImage, ValueFromPipeline = true)]
    [ValidateNotNull]
    public StratoGuestImage? Image { get; set; }

    /// <summary>The kernel command line, instead of the default.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public string? CommandLine { get; set; }

    /// <summary>Number of vCPUs.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public int Cpus { get; set; } = new VmSpec { Boot = new BootSpec() }.Cpus;

    /// <summary>Guest memory in bytes.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [MemorySize]
    public ulong Memory { get; set; } = new VmSpec { Boot = new BootSpec() }.Memory.Bytes;

    /// <summary>Describe the machine by an MP table instead of ACPI.</summary>
    [Parameter]
    public SwitchParameter NoAcpi { get; set; }

    /// <summary>Labels.</summary>
    [Parameter]
    public Hashtable? Label { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        var definition = new VmDefinition
        {
            Metadata = new VmMetadata { Name = Name, Labels = LabelTable.ToLabels(Label) },
            Spec = new VmSpec
            {
                Cpus = Cpus,
                Memory = new ByteSize(Memory),
                Acpi = !NoAcpi,
                Boot = Boot() with { CommandLine = CommandLine },
            },
        };
        VmCatalog.Check(definition);
        if (ShouldProcess(Name, "Create"))
        {
            WriteObject(Catalog.Add(definition));
        }
    });

    private BootSpec Boot() => ParameterSetName switch
    {
        FromBuiltIn => new BootSpec { BuiltIn = true },
        FromImage => new BootSpec { Kernel = Image!.Kernel, Initrd = Image.Initrd },
        _ => new BootSpec
        {
            Kernel = Paths.Unresolved(SessionState, Kernel),
            Initrd = Initrd is null ? null : Paths.Unresolved(SessionState, Initrd),
        },
    };
}
