using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Session;

/// <summary>Leaving the session warns and stops the machines that run in it.</summary>
public sealed class SessionEndTests
{
    // Its guest cannot be asked to shut down, so nobody waits for it.
    private const string NoPowerButton = "-NoAcpi";

    [Fact]
    public void Removing_the_module_stops_its_machines_with_a_warning()
    {
        using var session = new ModuleSession();
        session.StartHello(NoPowerButton);
        string log = Assert.Single(Directory.GetFiles(session.Directory, "console.log", SearchOption.AllDirectories));
        session.Get("Suspend-StratoVm hello; $script:vm = Get-StratoVm hello; Remove-Module StratoVirt");
        Assert.Contains("Removing the module stops 1 machine(s): hello.", session.Host.Screen.Warnings);
        Assert.Equal("Stopped", session.Get<string>("$vm.State"));
        Assert.True(File.Exists(log));
    }

    [Fact]
    public void Closing_the_runspace_stops_its_machines_with_a_warning()
    {
        var session = new ModuleSession();
        session.StartHello(NoPowerButton);
        object vm = session.Get("Get-StratoVm hello")[0].BaseObject;
        session.Close();
        Assert.Contains(session.Host.Screen.Warnings, text => text.Contains("hello", StringComparison.Ordinal));
        Assert.Equal("Stopped", vm.GetType().GetProperty("State")!.GetValue(vm)!.ToString());
        session.Dispose();
    }

    [Fact]
    public void Machines_stay_while_another_runspace_has_the_module()
    {
        using var first = new ModuleSession();
        first.StartHello();
        using (var second = new ModuleSession(first))
        {
            Assert.Equal("Running", second.Get<string>("(Get-StratoVm hello).State"));
            second.Get("Send-StratoConsole hello 'from the other runspace'; Wait-StratoVm hello -ConsoleText 'you said: from' -TimeoutSeconds 30");
        }

        Assert.Equal("Running", first.Get<string>("(Get-StratoVm hello).State"));
        Assert.Empty(first.Host.Screen.Warnings);
    }

    [Fact]
    public async Task Two_sessions_that_start_the_same_machine_at_once_get_one_machine()
    {
        using var first = new ModuleSession();
        using var second = new ModuleSession(first);
        for (int round = 0; round < 5; round++)
        {
            first.Get($"New-StratoVm vm{round} -BuiltIn -Memory 16MB");
            ScriptResult[] results = await Task.WhenAll(
                Task.Run(() => first.Run($"Start-StratoVm vm{round}")), Task.Run(() => second.Run($"Start-StratoVm vm{round}")));
            ScriptResult loser = Assert.Single(results, result => result.Errors.Length != 0);
            loser.OnlyError("StratoVirt.AlreadyRunning");
            first.Get($"Stop-StratoVm vm{round} -TurnOff -Force");
        }
    }
}
