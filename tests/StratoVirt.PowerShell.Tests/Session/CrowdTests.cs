using System.Globalization;
using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Session;

/// <summary>Many detached machines at once. STRATOVIRT_TEST_MACHINES says how many.</summary>
public sealed class CrowdTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public CrowdTests() => HostProgram.Require();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Many_run_side_by_side_and_one_pipeline_stops_them_all()
    {
        int machines = HostProgram.Amount("STRATOVIRT_TEST_MACHINES", 12);
        // Once before: what the session keeps for good is not theirs.
        Run(1);
        (int descriptors, int threads, int mappings) = ProcessFacts.OfThisOne;
        string memory = Run(machines);
        var after = ProcessFacts.OfThisOne;
        TestContext.Current.SendDiagnosticMessage(
            $"{machines} machines: {memory}; the session had {descriptors} descriptors, {threads} threads, {mappings} mappings before, {after.Descriptors}, {after.Threads}, {after.Mappings} after");
        // The session itself may have got a thread more; a descriptor for each machine would be noticed.
        Assert.True(after.Descriptors <= descriptors + 8, $"{after.Descriptors - descriptors} descriptors are left of {machines} machines");
    }

    private string Run(int machines)
    {
        _session.Get($"1..{machines} | ForEach-Object {{ New-StratoVm \"crowd$_\" -BuiltIn -Memory 16MiB }} | Out-Null");
        _session.Get("Get-StratoVm crowd* | Start-StratoVm -Detached");
        foreach (PSObject vm in _session.Get("Get-StratoVm crowd* -State Stopped"))
        {
            string log = File.ReadAllText(Path.Combine(_session.Directory, "run", vm.ToString()!, "host.log"));
            Assert.Fail($"{vm} has ended: {vm.Properties["Cause"].Value} {vm.Properties["Problem"].Value}\n{log}");
        }

        _session.Get("Get-StratoVm crowd* | Wait-StratoVm -ConsoleText 'hello> $' -TimeoutSeconds 120");
        int[] processes = [.. _session.Get("(Get-StratoVm crowd* -State Running).ProcessId").Select(process => (int)process.BaseObject)];
        Assert.Equal(machines, processes.Distinct().Count());
        Assert.All(_session.Get("Get-StratoVm crowd*"), vm => Assert.Equal("Detached", vm.Properties["Home"].Value.ToString()));
        string memory = string.Create(
            CultureInfo.InvariantCulture,
            $"{processes.Average(process => ProcessFacts.Memory(process, "Pss")):0} KiB of Pss, {processes.Average(process => ProcessFacts.Memory(process, "Private_Dirty")):0} KiB private dirty each, guest memory in it");

        _session.Get("Get-StratoVm crowd* | Stop-StratoVm -TimeoutSeconds 120");
        PSObject[] all = _session.Get("Get-StratoVm crowd*");
        Assert.All(all, vm => Assert.Equal(("Stopped", "guest-shutdown"), (vm.Properties["State"].Value.ToString(), (string?)vm.Properties["Cause"].Value)));
        Assert.True(SpinWait.SpinUntil(() => ProcessFacts.ChildrenOf(Environment.ProcessId).Length == 0, TimeSpan.FromSeconds(60)), "a child process is left");
        Assert.Empty(Directory.GetFiles(Path.Combine(_session.Directory, "run"), "lock", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(Path.Combine(_session.Directory, "run"), "*.sock", SearchOption.AllDirectories));
        _session.Get("Remove-StratoVm crowd* -Confirm:$false");
        Assert.Empty(Directory.GetDirectories(Path.Combine(_session.Directory, "run")));
        return memory;
    }
}
