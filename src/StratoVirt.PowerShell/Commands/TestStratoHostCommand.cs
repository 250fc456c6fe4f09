using System.Management.Automation;
using StratoVirt.PowerShell.HostChecks;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Tries whether machines run on this host.</summary>
[Cmdlet(VerbsDiagnostic.Test, "StratoHost")]
[OutputType(typeof(StratoHostTest), typeof(bool))]
public sealed class TestStratoHostCommand : StratoCommand
{
    private const string Activity = "Testing this host";

    /// <summary>Emit only whether machines run.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(null, () =>
    {
        ShowProgress(Activity, "Looking at KVM");
        StratoHost host = Catalog.InspectHost();
        List<StratoHostCheck> checks = [Device(host), Capabilities(host), StockKernels(host)];
        if (checks.Exists(check => check.Outcome == StratoCheckOutcome.Failed))
        {
            checks.Add(new StratoHostCheck("Built-in guest", StratoCheckOutcome.Skipped, "not tried", string.Empty));
        }
        else
        {
            ShowProgress(Activity, "Booting the built-in guest");
            checks.Add(GuestTrial.Run(StopToken));
        }

        EndProgress(Activity);
        Emit(host, checks);
    });

    private void Emit(StratoHost host, List<StratoHostCheck> checks)
    {
        StratoHostCheck? failed = checks.Find(check => check.Outcome == StratoCheckOutcome.Failed);
        if (Quiet)
        {
            WriteObject(failed is null);
            return;
        }

        bool guestFailed = failed is not null && failed == checks[^1];
        WriteObject(new StratoHostTest(
            failed is null,
            failed is null && host.RunsUnmodifiedKernels,
            host.Kvm,
            checks,
            guestFailed ? $"The built-in guest {failed!.Result}." : host.Meaning,
            guestFailed ? failed!.Meaning : host.RecommendedAction));
    }

    private static StratoHostCheck Device(StratoHost host) => host.Kvm switch
    {
        StratoKvmKind.None => new("KVM", StratoCheckOutcome.Failed, "not there", host.Meaning),
        StratoKvmKind.NoPermission => new("KVM", StratoCheckOutcome.Failed, "no permission", host.Meaning),
        _ => new("KVM", StratoCheckOutcome.Passed, $"{host.Kvm}, API version {host.KvmApiVersion}, up to {host.MaxCpus} vCPUs", string.Empty),
    };

    private static StratoHostCheck Capabilities(StratoHost host) => host switch
    {
        { KvmApiVersion: 0 } => new("Capabilities", StratoCheckOutcome.Skipped, "not known", string.Empty),
        { MissingCapabilities.Count: 0 } => new("Capabilities", StratoCheckOutcome.Passed, "all there", string.Empty),
        _ => new("Capabilities", StratoCheckOutcome.Failed, "missing: " + string.Join(", ", host.MissingCapabilities), host.Meaning),
    };

    private static StratoHostCheck StockKernels(StratoHost host) => host switch
    {
        { KvmApiVersion: 0 } => new("Stock kernels", StratoCheckOutcome.Skipped, "not known", string.Empty),
        { RunsUnmodifiedKernels: true } => new("Stock kernels", StratoCheckOutcome.Passed, "run", string.Empty),
        _ => new("Stock kernels", StratoCheckOutcome.Warning, "cannot be expected to run", host.Meaning),
    };
}
