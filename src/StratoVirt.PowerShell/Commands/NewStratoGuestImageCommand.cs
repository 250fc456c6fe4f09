using System.Management.Automation;
using StratoVirt.GuestImages;
using StratoVirt.Machine.Boot;
using StratoVirt.PowerShell.Binding;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Makes a kernel and the initramfs that belongs to it.</summary>
[Cmdlet(VerbsCommon.New, "StratoGuestImage", SupportsShouldProcess = true, DefaultParameterSetName = Debian)]
[OutputType(typeof(StratoGuestImage))]
public sealed class NewStratoGuestImageCommand : StratoCommand
{
    private const string Debian = "FromDebian";
    private const string Package = "FromPackage";
    private const string Files = "FromFiles";
    private const string Activity = "Making a guest image";

    /// <summary>Take the newest kernel apt offers.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Debian)]
    public SwitchParameter FromDebian { get; set; }

    /// <summary>Which of Debian's kernels.</summary>
    [Parameter(ParameterSetName = Debian)]
    public StratoKernelFlavor Flavor { get; set; }

    /// <summary>Take the kernel of this Debian package.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Package)]
    [ValidateNotNullOrEmpty]
    public string FromPackage { get; set; } = string.Empty;

    /// <summary>Take this kernel file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Files)]
    [ValidateNotNullOrEmpty]
    public string Kernel { get; set; } = string.Empty;

    /// <summary>Its modules: the directory that <c>/lib/modules/RELEASE</c> is on a running system.</summary>
    [Parameter(ParameterSetName = Files)]
    [ValidateNotNullOrEmpty]
    public string? ModulePath { get; set; }

    /// <summary>Names of the modules the guest loads, instead of those every machine can use.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[]? Module { get; set; }

    /// <summary>Names of modules the guest loads besides those.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[]? AdditionalModule { get; set; }

    /// <summary>A statically linked busybox, instead of the host's or Debian's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BusyBox { get; set; }

    /// <summary>The guest's host name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string HostName { get; set; } = "guest";

    /// <summary>Where downloads and images are kept.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CachePath { get; set; }

    /// <summary>The form in which the kernel is kept.</summary>
    [Parameter]
    public StratoKernelFormat KernelFormat { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(MyInvocation.BoundParameters.GetValueOrDefault(nameof(Kernel)), () =>
    {
        var request = new GuestImageRequest
        {
            Kernel = Source(),
            BusyBox = BusyBox is null ? null : Paths.Unresolved(SessionState, BusyBox),
            HostName = HostName,
            CacheDirectory = CachePath is null ? null : Paths.Unresolved(SessionState, CachePath),
        };
        if (Module is not null)
        {
            request = request with { Modules = Module, SkipMissingModules = false };
        }

        if (AdditionalModule is not null)
        {
            request = request with { AdditionalModules = AdditionalModule };
        }

        if (ShouldProcess(request.Kernel.ToString(), "Make a guest image"))
        {
            WriteObject(Make(request));
        }
    });

    private StratoGuestImage Make(GuestImageRequest request)
    {
        var progress = new SynchronousProgress<GuestImageProgress>(
            step => ShowProgress(Activity, step.Status, step.PercentComplete));
        try
        {
            GuestImage image = GuestImageBuilder.Build(request, progress, StopToken);
            string kernel = image.KernelPath;
            if (KernelFormat == StratoKernelFormat.Elf)
            {
                // Beside the initramfs, in the image's own directory: the kernel itself can be the user's, elsewhere.
                ShowProgress(Activity, "Unpacking the kernel");
                kernel = Path.Combine(Path.GetDirectoryName(image.InitrdPath)!, "vmlinux");
                KernelUnpacker.Unpack(image.KernelPath, kernel);
            }

            return new StratoGuestImage(kernel, image.InitrdPath, image.KernelRelease, image.Modules.ToArray(), image.Source);
        }
        finally
        {
            EndProgress(Activity);
        }
    }

    private GuestKernel Source() => ParameterSetName switch
    {
        Package => new GuestKernel.DebianPackage(FromPackage),
        Files => new GuestKernel.Files(
            Paths.Unresolved(SessionState, Kernel),
            ModulePath is null ? null : Paths.Unresolved(SessionState, ModulePath)),
        _ => GuestKernel.FromDebian(Flavor == StratoKernelFlavor.Cloud ? DebianKernelFlavor.Cloud : DebianKernelFlavor.Generic),
    };

    // The platform's Progress<T> reports from another thread; a cmdlet may only write from its own.
    private sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
