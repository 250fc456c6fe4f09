using System.Text.RegularExpressions;
using System.Xml.Linq;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

/// <summary>What a user sees without asking for anything.</summary>
public sealed class ViewTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Machines_are_a_table()
    {
        _session.StartHello();
        _session.Get("New-StratoVm web -BuiltIn -Cpus 4 -Memory 2GB");
        string[] lines = Show("Get-StratoVm");
        Assert.Equal(["Name", "State", "Home", "Cpus", "Memory", "Uptime"], Words(lines[0]));
        Assert.Equal(["hello", "Running", "InProcess", "1", "16", "MiB"], Words(lines[2])[..6]);
        Assert.Equal(["web", "Stopped", "4", "2048", "MiB"], Words(lines[3]));
    }

    [Fact]
    public void The_default_properties_are_those_of_the_table() =>
        Assert.Equal("Name State Home Cpus Memory Uptime", _session.Get<string>("\"$((New-StratoVm vm -BuiltIn).PSStandardMembers.DefaultDisplayPropertySet.ReferencedPropertyNames)\""));

    [Fact]
    public void Views_show_only_properties_there_are()
    {
        var views = XDocument.Load(Path.Combine(ModuleSession.ModuleDirectory, "bin", "StratoVirt.Format.ps1xml"));
        foreach (XElement view in views.Descendants("View"))
        {
            string type = view.Descendants("TypeName").Single().Value;
            string[] properties = _session.Get<string[]>($", @((Get-Command New-StratoVm).ImplementingType.Assembly.GetType('{type}', $true).GetProperties().Name)");
            IEnumerable<string> named = view.Descendants("PropertyName").Select(name => name.Value);
            IEnumerable<string> scripted = view.Descendants("ScriptBlock")
                .Where(script => script.Ancestors("CustomControl").Count() < 2)
                .SelectMany(script => Regex.Matches(script.Value, @"\$_\.(\w+)").Select(match => match.Groups[1].Value));
            Assert.Empty(named.Concat(scripted).Except(properties));
        }
    }

    [Fact]
    public void Devices_are_a_table()
    {
        _session.Get("New-StratoVm web -BuiltIn; Add-StratoDevice web -Disk a.img; Add-StratoDevice web -Entropy");
        string[] lines = Show("Get-StratoDevice web");
        Assert.Equal(["VM", "Name", "Kind", "State", "Backend"], Words(lines[0]));
        Assert.Equal(["web", "disk0", "Disk", "Defined", Path.Combine(_session.Directory, "a.img")], Words(lines[2]));
        Assert.Equal(["web", "rng", "Entropy", "Defined"], Words(lines[3]));
    }

    [Fact]
    public void A_measurement_is_a_table()
    {
        _session.StartHello();
        string[] lines = Show("Measure-StratoVm hello -IntervalSeconds 0.1");
        Assert.Equal(["Name", "Uptime", "Exits/s", "Guest", "MiB", "Devices"], Words(lines[0]));
        Assert.True(Words(lines[2]) is ["hello", _, _, _, "of", "16"], lines[2]);
    }

    [Fact]
    public void Lists_can_be_indexed()
    {
        _session.StartHello();
        _session.Get("Add-StratoDevice hello -Entropy; Add-StratoDevice hello -Balloon");
        Assert.Empty(_session.Get("""
            $vm = Get-StratoVm hello
            foreach ($object in $vm, (Get-StratoHost), (Test-StratoHost), (Measure-StratoVm hello -Count 0)) {
                foreach ($property in $object.PSObject.Properties) {
                    $value = $property.Value
                    if ($value -is [System.Collections.IEnumerable] -and $value -isnot [string] -and
                        -not $value.GetType().IsArray -and -not $value.GetType().GetProperty('Item')) { "$object $($property.Name)" }
                }
            }
            """));
        Assert.Equal("balloon", _session.Get<string>("(Get-StratoVm hello).Devices[1]"));
        Assert.Equal("2", _session.Get<string>("(Get-StratoVm hello).BootMarks[1].Code"));
    }

    [Fact]
    public void The_host_and_its_test_can_be_read()
    {
        Assert.Contains(Show("Get-StratoHost"), line => line.StartsWith("Kvm", StringComparison.Ordinal));
        string[] test = Show("Test-StratoHost");
        Assert.Contains(test, line => Words(line) is [_, "KVM", ..]);
        Assert.Contains(test, line => Words(line) is [_, "Built-in", "guest", ..]);
    }

    private string[] Show(string script)
    {
        _session.Host.Screen.Clear();
        _session.Get($"{script} | Out-Default");
        return [.. Regex.Replace(_session.Host.Screen.Text, @"\e\[[0-9;]*m", string.Empty).Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length != 0)];
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
