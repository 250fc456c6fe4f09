using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class ImportExportTests : IDisposable
{
    private const string Head = "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: vm\nspec:\n";
    private const string Boot = "  boot:\n    builtIn: true\n";

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void What_is_exported_imports_as_the_same()
    {
        _session.Get("New-StratoVm vm -Kernel /k/vmlinuz -Cpus 3 -Memory 96MB -NoAcpi -CommandLine 'a \"b\" # c' -Label @{ x = 'y: z' }; Export-StratoVm vm -Path ./vm.yaml");
        string before = _session.Get<string>("Export-StratoVm vm");
        Assert.Equal(before, File.ReadAllText(Path.Combine(_session.Directory, "vm.yaml")));
        _session.Get("Remove-StratoVm vm -Confirm:$false");
        Assert.Equal(before, _session.Get<string>("Import-StratoVm ./vm.yaml | Export-StratoVm"));
    }

    [Fact]
    public void Wildcards_pipelines_and_literal_paths_import()
    {
        foreach (string name in (string[])["a", "b", "c"])
        {
            _session.Write($"{name}.yaml", (Head + Boot).Replace("name: vm", "name: " + name, StringComparison.Ordinal));
        }

        File.Move(Path.Combine(_session.Directory, "c.yaml"), Path.Combine(_session.Directory, "[c].yaml"));
        Assert.Equal(["a", "b"], _session.Get("Import-StratoVm ./?.yaml").Select(vm => vm.ToString()));
        Assert.Equal("c", Assert.Single(_session.Get("Import-StratoVm -LiteralPath './[c].yaml'")).ToString());
        Assert.Equal(2, _session.Get("[System.IO.FileInfo] \"$pwd/a.yaml\", [System.IO.FileInfo] \"$pwd/b.yaml\" | Import-StratoVm -Force").Length);
    }

    [Fact]
    public void A_relative_path_means_the_documents_directory()
    {
        Directory.CreateDirectory(Path.Combine(_session.Directory, "deep"));
        _session.Write("deep/vm.yaml", Head + "  boot:\n    kernel: boot/vmlinuz\n    initrd: ../initrd\n");
        PSObject vm = Assert.Single(_session.Get("Import-StratoVm deep/vm.yaml"));
        Assert.Equal(Path.Combine(_session.Directory, "deep/boot/vmlinuz"), vm.Properties["Kernel"].Value);
        Assert.Equal(Path.Combine(_session.Directory, "initrd"), vm.Properties["Initrd"].Value);
    }

    [Fact]
    public void The_same_name_twice_needs_Force()
    {
        _session.Write("vm.yaml", Head + "  cpus: 5\n" + Boot);
        _session.Get("New-StratoVm vm -BuiltIn");
        _session.Run("Import-StratoVm vm.yaml").OnlyError("StratoVirt.AlreadyExists");
        Assert.Equal(1, _session.Get<int>("(Get-StratoVm vm).Cpus"));
        Assert.Equal(5, _session.Get<int>("(Import-StratoVm vm.yaml -Force).Cpus"));
        Assert.Equal(5, _session.Get<int>("(Get-StratoVm vm).Cpus"));
    }

    public static TheoryData<string, string, string> BadDocuments => new()
    {
        { Head + "  cpuz: 2\n" + Boot, "StratoVirt.UnknownKey", "(6,3)" },
        { Head + "  cpus: many\n" + Boot, "StratoVirt.WrongType", "(6,9)" },
        { Head + "\tcpus: 2\n" + Boot, "StratoVirt.TabIndentation", "(6," },
        { Head + "  cpus: 2\n  cpus: 3\n" + Boot, "StratoVirt.DuplicateKey", "(7,3)" },
        { Head + Boot + "---\n" + Head + Boot, "StratoVirt.SeveralDocuments", "(8" },
        { Head + "  memory: 0\n" + Boot, "StratoVirt.OutOfRange", "(6,11)" },
        { Head + "  cpus: 255\n" + Boot, "StratoVirt.OutOfRange", "(6,9)" },
        { Head, "StratoVirt.", "(5" },
        { string.Empty, "StratoVirt.EmptyDocument", string.Empty },
        { Head.Replace("v1", "v9", StringComparison.Ordinal) + Boot, "StratoVirt.UnsupportedApiVersion", "(1," },
        { Head.Replace("name: vm", "name: a/b", StringComparison.Ordinal) + Boot, "StratoVirt.InvalidName", "(4," },
    };

    [Theory]
    [MemberData(nameof(BadDocuments))]
    public void A_bad_document_is_one_error_that_says_where(string text, string id, string place)
    {
        string path = _session.Write("bad.yaml", text);
        ScriptResult result = _session.Run("Import-StratoVm bad.yaml");
        ErrorRecord error = Assert.Single(result.Errors);
        Assert.StartsWith(id, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(path + place, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(path, error.TargetObject);
        Assert.False(string.IsNullOrWhiteSpace(error.ErrorDetails.RecommendedAction));
        Assert.Empty(_session.Get("Get-StratoVm"));
    }

    [Fact]
    public void Ten_megabytes_of_nesting_are_one_error()
    {
        _session.Write("deep.yaml", "a: " + new string('[', 10 << 20));
        ErrorRecord error = Assert.Single(_session.Run("Import-StratoVm deep.yaml").Errors);
        Assert.StartsWith("StratoVirt.Too", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_is_one_error_that_says_how_to_import_what_is_in_it()
    {
        ErrorRecord error = _session.Run("Import-StratoVm .").OnlyError("StratoVirt.PathUnusable");
        Assert.Contains($"Import-StratoVm '{_session.Directory}/*.yaml'", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Import-StratoVm NoDrive:/vm.yaml")]
    [InlineData("Import-StratoVm -LiteralPath NoDrive:/vm.yaml")]
    [InlineData("New-StratoVm vm -Kernel NoDrive:/vmlinuz")]
    public void A_drive_that_is_not_there_is_one_error(string command) =>
        _session.Run(command).OnlyError("StratoVirt.PathUnusable");

    [Fact]
    public void One_bad_document_does_not_stop_the_others()
    {
        _session.Write("1.yaml", "no");
        _session.Write("2.yaml", Head + Boot);
        ScriptResult result = _session.Run("Import-StratoVm ?.yaml");
        Assert.Equal("vm", Assert.Single(result.Output).ToString());
        Assert.Single(result.Errors);
    }

    [Fact]
    public void A_file_that_is_not_there_is_one_error()
    {
        _session.Run("Import-StratoVm nosuch.yaml").OnlyError("StratoVirt.FileMissing");
        _session.Run("Import-StratoVm nosuch*.yaml").OnlyError("StratoVirt.FileMissing");
        _session.Run("Import-StratoVm -LiteralPath nosuch.yaml").OnlyError("StratoVirt.FileMissing");
    }

    [Fact]
    public void Devices_survive_a_round_trip()
    {
        _session.Get("""
            New-StratoVm vm -BuiltIn | Out-Null
            Add-StratoDevice vm -Disk d.img -ReadOnly -Bandwidth 1MB
            Add-StratoDevice vm -Network -User -Forward 2222:22
            Add-StratoDevice vm -Port -Console
            Add-StratoDevice vm -Share .
            Add-StratoDevice vm -PersistentMemory p.img
            Add-StratoDevice vm -Memory -Maximum 64MB
            Add-StratoDevice vm -Entropy
            Add-StratoDevice vm -Balloon -StatisticsInterval 5
            Add-StratoDevice vm -Vsock
            Export-StratoVm vm -Path vm.yaml
            """);
        string before = _session.Get<string>("Export-StratoVm vm");
        _session.Get("Remove-StratoVm vm -Confirm:$false; Import-StratoVm vm.yaml");
        Assert.Equal(before, _session.Get<string>("Export-StratoVm vm"));
        Assert.Equal("disk0 net0 port0 share0 pmem0 mem0 rng balloon vsock", _session.Get<string>("\"$((Get-StratoVm vm).Devices)\""));
    }

    [Fact]
    public void Paths_of_devices_start_at_the_document()
    {
        Directory.CreateDirectory(Path.Combine(_session.Directory, "machines"));
        _session.Write("machines/vm.yaml", Head + Boot + "  disks:\n  - name: root\n    path: ./root.img\n");
        _session.Get("Import-StratoVm machines/vm.yaml");
        Assert.Equal(Path.Combine(_session.Directory, "machines", "root.img"), _session.Get<string>("(Get-StratoDevice vm root).Backend"));
    }

    [Fact]
    public void WhatIf_imports_and_exports_nothing()
    {
        _session.Write("vm.yaml", Head + Boot);
        Assert.Empty(_session.Get("Import-StratoVm vm.yaml -WhatIf"));
        Assert.Empty(_session.Get("Get-StratoVm"));
        _session.Get("New-StratoVm vm -BuiltIn; Export-StratoVm vm -Path out.yaml -WhatIf");
        Assert.False(File.Exists(Path.Combine(_session.Directory, "out.yaml")));
    }

    [Fact]
    public void Export_overwrites_only_with_Force_and_never_two_machines_into_one_file()
    {
        _session.Write("vm.yaml", "mine");
        _session.Get("New-StratoVm a -BuiltIn; New-StratoVm b -BuiltIn");
        _session.Run("Export-StratoVm a -Path vm.yaml").OnlyError("StratoVirt.FileExists");
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_session.Directory, "vm.yaml")));
        _session.Run("Export-StratoVm * -Path vm.yaml -Force").OnlyError("StratoVirt.FileExists");
        Assert.Contains("name: a", File.ReadAllText(Path.Combine(_session.Directory, "vm.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void Export_into_a_directory_gives_each_machine_its_file()
    {
        Directory.CreateDirectory(Path.Combine(_session.Directory, "out"));
        _session.Get("New-StratoVm a -BuiltIn; New-StratoVm b -BuiltIn; Get-StratoVm | Export-StratoVm -Path out");
        Assert.Equal(["a.yaml", "b.yaml"], Directory.GetFiles(Path.Combine(_session.Directory, "out")).Select(Path.GetFileName).Order());
    }
}
