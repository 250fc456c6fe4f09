using System.Diagnostics;
using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

/// <summary>Units are written and judged by systemd's own reader; a host that runs systemd is not needed, nor changed.</summary>
public sealed class StratoVmServiceTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public StratoVmServiceTests() => _session.Get("New-StratoVm web -BuiltIn");

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_unit_starts_and_stops_its_machine()
    {
        PSObject service = Assert.Single(_session.Get("Register-StratoVmService web -Path units -ShellPath /bin/true -PassThru"));
        string path = Path.Combine(_session.Directory, "units", "stratovirt-web.service");
        Assert.Equal(path, service.Properties["Path"].Value);
        Assert.False((bool)service.Properties["Enabled"].Value);
        string manifest = ModuleSession.ManifestPath;
        string home = Path.Combine(_session.Directory, "home");
        Assert.Equal(
            $"""
            # Written by Register-StratoVmService.
            [Unit]
            Description=StratoVirt virtual machine web
            Wants=network-online.target
            After=network-online.target
            RequiresMountsFor="{home}"
            AssertPathExists=/dev/kvm

            [Service]
            Type=oneshot
            RemainAfterExit=yes
            Environment="STRATOVIRT_HOME={home}"
            Environment="STRATOVIRT_RUNTIME={Path.Combine(_session.Directory, "run")}"
            Environment=TERM=dumb
            ExecStart="/bin/true" "-NoLogo" "-NoProfile" "-NonInteractive" "-Command" "Import-Module '{manifest}'; Start-StratoVm 'web' -Detached -ErrorAction Stop"
            ExecStop="/bin/true" "-NoLogo" "-NoProfile" "-NonInteractive" "-Command" "Import-Module '{manifest}'; Stop-StratoVm 'web' -Force -TimeoutSeconds 80"
            TimeoutStopSec=90

            [Install]
            WantedBy=multi-user.target

            """,
            File.ReadAllText(path));
        Verify(path, user: false);
    }

    [Fact]
    public void A_users_unit_is_wanted_by_his_session()
    {
        _session.Get("Register-StratoVmService web -User -Path . -ShellPath /bin/true");
        string path = Path.Combine(_session.Directory, "stratovirt-web.service");
        Assert.Contains("WantedBy=default.target", File.ReadAllText(path), StringComparison.Ordinal);
        Verify(path, user: true);
    }

    [Fact]
    public void Awkward_paths_are_quoted()
    {
        string shell = Path.Combine(_session.Directory, "a b 100%");
        File.CreateSymbolicLink(shell, "/bin/true");
        _session.Get($$"""
            $env:STRATOVIRT_HOME = "$pwd/h 'x' ""y"" 100% `$z"
            New-StratoVm web -BuiltIn
            Register-StratoVmService web -Path . -ShellPath '{{shell}}'
            """);
        string path = Path.Combine(_session.Directory, "stratovirt-web.service");
        string text = File.ReadAllText(path);
        Assert.Contains("ExecStart=\"" + _session.Directory + "/a b 100%%\" \"-NoLogo\"", text, StringComparison.Ordinal);
        Assert.Contains("Environment=\"STRATOVIRT_HOME=" + _session.Directory + "/h 'x' \\\"y\\\" 100%% $z\"\n", text, StringComparison.Ordinal);
        Verify(path, user: false);
    }

    [Fact]
    public void Commands_in_units_are_commands_there_are()
    {
        _session.Get("Register-StratoVmService web -Path . -ShellPath /bin/true");
        foreach (string line in File.ReadAllLines(Path.Combine(_session.Directory, "stratovirt-web.service")).Where(line => line.StartsWith("Exec", StringComparison.Ordinal)))
        {
            string command = line[(line.LastIndexOf("; ", StringComparison.Ordinal) + 2)..^1];
            Assert.Empty(_session.Get($$"""
                $ast = [System.Management.Automation.Language.Parser]::ParseInput("{{command}}", [ref] $null, [ref] $null)
                $call = $ast.Find({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
                $known = (Get-Command $call.GetCommandName()).Parameters.Keys
                $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] -and $_.ParameterName -notin $known }
                """));
        }
    }

    [Fact]
    public void A_unit_is_written_again_and_one_of_somebody_else_is_not()
    {
        _session.Get("Register-StratoVmService web -Path . -ShellPath /bin/true; Register-StratoVmService web -Path . -ShellPath /bin/false");
        string path = Path.Combine(_session.Directory, "stratovirt-web.service");
        Assert.Contains("/bin/false", File.ReadAllText(path), StringComparison.Ordinal);
        File.WriteAllText(path, "[Unit]\n");
        _session.Run("Register-StratoVmService web -Path . -ShellPath /bin/true").OnlyError("StratoVirt.FileExists");
        Assert.Equal("[Unit]\n", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("Register-StratoVmService web")]
    [InlineData("Register-StratoVmService web -User")]
    [InlineData("Unregister-StratoVmService web")]
    public void Without_systemd_the_error_says_so(string command)
    {
        Assert.SkipWhen(Directory.Exists("/run/systemd/system"), "This host runs systemd.");
        _session.Run(command).OnlyError("StratoVirt.SystemdMissing");
    }

    [Fact]
    public void WhatIf_writes_nothing()
    {
        _session.Get("Register-StratoVmService web -Path . -ShellPath /bin/true -WhatIf");
        Assert.Empty(Directory.GetFiles(_session.Directory, "*.service"));
    }

    private static void Verify(string path, bool user)
    {
        // A user's manager has a runtime directory, which a session of tests may not have.
        const string Analyze = "/usr/bin/systemd-analyze";
        Assert.SkipUnless(File.Exists(Analyze), "systemd-analyze is not installed.");
        using Process process = Process.Start(new ProcessStartInfo(Analyze, [user ? "--user" : "--system", "verify", path])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["XDG_RUNTIME_DIR"] = Path.GetDirectoryName(path) },
        })!;
        string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(string.Empty, said);
        Assert.Equal(0, process.ExitCode);
    }
}
