using System.Diagnostics;
using System.Management.Automation;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Module;

/// <summary>The example playbook and its collection, run by Ansible on this host.</summary>
public sealed class AnsibleTests : IDisposable
{
    private static readonly string Ansible = Path.Combine(ModuleSession.ModuleDirectory, "examples", "ansible");

    private readonly ModuleSession _session = new();

    public AnsibleTests()
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Any(directory => File.Exists(Path.Combine(directory, "ansible-playbook"))),
            "ansible-playbook is not installed.");
        Assert.SkipUnless(File.Exists(Path.Combine(Checkout(), "bin", "stratovirt")), "The checkout's module has no host program: build.ps1 -Task Build makes it.");
    }

    public void Dispose()
    {
        foreach (PSObject process in _session.Get("(Get-StratoVm).ProcessId | Where-Object { $_ -and $_ -ne $PID }"))
        {
            using var host = Process.GetProcessById((int)process.BaseObject);
            host.Kill();
            host.WaitForExit();
        }

        _session.Dispose();
    }

    [Fact]
    public void The_playbook_changes_once_and_check_mode_never()
    {
        _session.Get("New-StratoVm web-old -BuiltIn; New-StratoVm mine -BuiltIn");

        (string output, JsonNode[] checks) = Play("--check", "--diff");
        Assert.Equal([true, true, true], checks.Select(IsChanged));
        Assert.Equal("mine web-old", Names());
        Assert.Contains("+  cpus: 2", output.Split('\n'));
        Assert.Contains("-# absent", output.Split('\n'));
        Assert.Contains("+# running", output.Split('\n'));

        Assert.Equal([true, true, true], Play().Results.Select(IsChanged));
        Assert.Equal("mine web worker-1 worker-2", Names());
        Assert.Equal(2, _session.Get<int>("(Get-StratoVm web).Cpus"));
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm web).State"));

        Assert.Equal([false, false, false], Play().Results.Select(IsChanged));
        Assert.Equal([false, false, false], Play("--check").Results.Select(IsChanged));
    }

    [Theory]
    [InlineData("name=web spec='{\"boot\":{\"builtIn\":true},\"cpuz\":1}'", "cpuz")]
    [InlineData("name=web state=sideways spec='{\"boot\":{\"builtIn\":true}}'", "sideways")]
    [InlineData("name=nosuch state=running", "nosuch")]
    [InlineData("name=web nosuch=1", "nosuch")]
    [InlineData("state=running", "name")]
    [InlineData("name=web prune=yes", "prune")]
    public void What_is_wrong_fails_the_task_with_a_message(string arguments, string message)
    {
        (string output, JsonNode[] results) = RunTask(arguments);
        Assert.StartsWith("localhost | FAILED! =>", output, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Single(results)["msg"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(string.Empty, Names());
    }

    [Fact]
    public void A_machine_there_is_needs_no_description()
    {
        _session.Get("New-StratoVm web -BuiltIn -Cpus 2");
        Assert.False(IsChanged(Task("name=web")));
        Assert.True(IsChanged(Task("name=web state=absent")));
        Assert.False(IsChanged(Task("name=web state=absent")));
        Assert.Equal(string.Empty, Names());
    }

    [Fact]
    public void Files_on_the_host_are_a_fleet()
    {
        string document = "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: NAME\nspec:\n  boot:\n    builtIn: true\n";
        string first = _session.Write("a.yaml", document.Replace("NAME", "a", StringComparison.Ordinal));
        _session.Write("b.yaml", document.Replace("NAME", "b", StringComparison.Ordinal));
        Assert.Equal(["a", "b"], Task($"path={_session.Directory}/*.yaml")["machines"]!.AsArray().Select(machine => machine!["name"]!.GetValue<string>()));
        File.Delete(first);
        Assert.True(IsChanged(Task($"path={_session.Directory}/*.yaml prune=true")));
        Assert.Equal("b", Names());
    }

    // The checkout's own module: the one staged for tests has no host program.
    private static string Manifest => Path.Combine(Checkout(), "StratoVirt.psd1");

    private static bool IsChanged(JsonNode result) => result["changed"]!.GetValue<bool>();

    private static string Checkout()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "strato")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException("These tests run from the artifacts of a checkout.");
    }

    private string Names() => _session.Get<string>("\"$((Get-StratoVm).Name)\"");

    /// <summary>Runs the playbook; the results of its tasks.</summary>
    private (string Output, JsonNode[] Results) Play(params string[] options) =>
        Run("ansible-playbook", [Path.Combine(Ansible, "site.yaml"), "-e", $"checkout={Checkout()}", "-e", $"manifest={Manifest}", .. options]);

    /// <summary>Runs one task.</summary>
    private JsonNode Task(string arguments) => Assert.Single(RunTask(arguments).Results);

    private (string Output, JsonNode[] Results) RunTask(string arguments) => Run(
        "ansible",
        ["localhost", "-m", "stratovirt.vm.machine", "-a", $"{arguments} module_path={Manifest}", "-e", $"ansible_pwsh_interpreter={Checkout()}/strato"]);

    private (string Output, JsonNode[] Results) Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in (ReadOnlySpan<(string, string)>)
            [
                ("ANSIBLE_COLLECTIONS_PATH", Path.Combine(Ansible, "collections")), ("ANSIBLE_COLLECTIONS_PATHS", Path.Combine(Ansible, "collections")),
                ("ANSIBLE_STDOUT_CALLBACK", "minimal"), ("ANSIBLE_LOCALHOST_WARNING", "0"), ("ANSIBLE_NOCOLOR", "1"),
                ("ANSIBLE_HOME", Path.Combine(_session.Directory, "ansible")), ("ANSIBLE_LOCAL_TEMP", Path.Combine(_session.Directory, "ansible")),
                ("ANSIBLE_REMOTE_TEMP", Path.Combine(_session.Directory, "ansible")), ("LC_ALL", "C.UTF-8"),
            ])
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        MatchCollection results = Regex.Matches(output, @"^localhost \| \w+!? => (\{.*?^\})", RegexOptions.Multiline | RegexOptions.Singleline);
        Assert.True(results.Count > 0, $"{program} gave no results: {output}{errors.Result}");
        return (output, [.. results.Select(result => JsonNode.Parse(result.Groups[1].Value)!)]);
    }
}
