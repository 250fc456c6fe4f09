using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class NewStratoVmTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Emits_what_it_made()
    {
        PSObject vm = Assert.Single(_session.Get("New-StratoVm web -Kernel ./vmlinuz -Initrd ./initrd -CommandLine 'quiet' -Cpus 4 -Memory 512MB -NoAcpi -Label @{ team = 'net'; tier = 2 }"));
        Assert.Equal("web", vm.Properties["Name"].Value);
        Assert.Equal(4, vm.Properties["Cpus"].Value);
        Assert.Equal(512UL << 20, vm.Properties["Memory"].Value);
        Assert.Equal(Path.Combine(_session.Directory, "vmlinuz"), vm.Properties["Kernel"].Value);
        Assert.Equal(Path.Combine(_session.Directory, "initrd"), vm.Properties["Initrd"].Value);
        Assert.Equal("quiet", vm.Properties["CommandLine"].Value);
        Assert.Equal(false, vm.Properties["Acpi"].Value);
        Assert.Equal("Stopped", vm.Properties["State"].Value.ToString());
        Assert.Equal("net", _session.Get<string>("(Get-StratoVm web).Labels['team']"));
        Assert.Equal("2", _session.Get<string>("(Get-StratoVm web).Labels['tier']"));
        Assert.True(File.Exists((string)vm.Properties["Path"].Value));
        Assert.StartsWith(Path.Combine(_session.Directory, "home"), (string)vm.Properties["Path"].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_with_its_parameters_as_properties_are_machines()
    {
        _session.Get("[pscustomobject] @{ Name = 'a'; Cpus = '2'; Memory = '64MiB' }, [pscustomobject] @{ Name = 'b' } | New-StratoVm -BuiltIn");
        _session.Get("[pscustomobject] @{ Name = 'c'; Kernel = 'k'; Initrd = 'i'; CommandLine = 'quiet' } | New-StratoVm");
        Assert.Equal("2 67108864", _session.Get<string>("$vm = Get-StratoVm a; \"$($vm.Cpus) $($vm.Memory)\""));
        Assert.Equal("1 268435456", _session.Get<string>("$vm = Get-StratoVm b; \"$($vm.Cpus) $($vm.Memory)\""));
        Assert.Equal($"{_session.Directory}/k {_session.Directory}/i quiet", _session.Get<string>("$vm = Get-StratoVm c; \"$($vm.Kernel) $($vm.Initrd) $($vm.CommandLine)\""));
    }

    [Theory]
    [InlineData("512MB", 512UL << 20)]
    [InlineData("1GB", 1UL << 30)]
    [InlineData("'512MiB'", 512UL << 20)]
    [InlineData("'1 GiB'", 1UL << 30)]
    [InlineData("64MB", 64UL << 20)]
    [InlineData("([decimal] 33554432)", 32UL << 20)]
    public void Memory_is_a_number_or_a_size(string written, ulong bytes) =>
        Assert.Equal(bytes, _session.Get<ulong>($"(New-StratoVm vm -BuiltIn -Memory {written}).Memory"));

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a..b")]
    [InlineData("")]
    [InlineData("-x")]
    [InlineData("a\u0007b")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a1234567890123456789012345678901234567890123456789012345678901234")]
    public void Wrong_names_are_one_error(string name)
    {
        ErrorRecord error = _session.Run($"New-StratoVm -Name ([string]::new([char[]] @({string.Join(',', name.Select(c => (int)c))}))) -BuiltIn").OnlyError("StratoVirt.InvalidName");
        Assert.Equal(name, error.TargetObject);
        Assert.DoesNotContain('\u0007', error.ToString());
        Assert.Empty(_session.Get("Get-StratoVm"));
    }

    [Theory]
    [InlineData("-Memory 0", "StratoVirt.OutOfRange")]
    [InlineData("-Memory 8MB", "StratoVirt.OutOfRange")]
    [InlineData("-Memory 33333333", "StratoVirt.NotAligned")]
    [InlineData("-Memory 17MB", "StratoVirt.NotAligned")]
    [InlineData("-Memory '8192PiB'", "ParameterArgumentTransformationError")]
    [InlineData("-Memory 4096TB", "StratoVirt.OutOfRange")]
    [InlineData("-Memory -5", "ParameterArgumentTransformationError")]
    [InlineData("-Memory 1.5", "ParameterArgumentTransformationError")]
    [InlineData("-Memory 'much'", "ParameterArgumentTransformationError")]
    [InlineData("-Cpus 0", "StratoVirt.OutOfRange")]
    [InlineData("-Cpus 255", "StratoVirt.OutOfRange")]
    [InlineData("-Cpus -1", "StratoVirt.OutOfRange")]
    [InlineData("-Label @{ '' = 'x' }", "StratoVirt.InvalidLabel")]
    [InlineData("-Label $(@{ 1 = 'a' } + @{ '1' = 'b' })", "StratoVirt.InvalidLabel")]
    [InlineData("-Label @{ 'a b' = 'x' }", "StratoVirt.InvalidLabel")]
    [InlineData("-CommandLine ('x' * 3000)", "StratoVirt.OutOfRange")]
    [InlineData("-CommandLine \"a`nb\"", "StratoVirt.InvalidValue")]
    public void What_no_machine_can_be_is_one_error(string arguments, string id)
    {
        ScriptResult result = _session.Run($"New-StratoVm vm -BuiltIn {arguments}");
        ErrorRecord error = Assert.Single(result.Errors);
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(result.Output);
        Assert.Empty(_session.Get("Get-StratoVm"));
    }

    [Fact]
    public void The_same_name_twice_is_one_error_and_changes_nothing()
    {
        _session.Get("New-StratoVm vm -BuiltIn -Cpus 3");
        ErrorRecord error = _session.Run("New-StratoVm VM -BuiltIn -Cpus 5").OnlyError("StratoVirt.AlreadyExists");
        Assert.Equal(ErrorCategory.ResourceExists, error.CategoryInfo.Category);
        Assert.Equal(3, _session.Get<int>("(Get-StratoVm vm).Cpus"));
    }

    [Fact]
    public void WhatIf_makes_nothing()
    {
        Assert.Empty(_session.Get("New-StratoVm vm -BuiltIn -WhatIf"));
        Assert.Empty(_session.Get("Get-StratoVm"));
        Assert.Contains("vm", _session.Host.Screen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Takes_a_guest_image_from_the_pipeline()
    {
        // The type is the module's own; the image cmdlet's result is built by hand, because making one needs apt.
        PSObject vm = Assert.Single(_session.Get("""
            $type = (Get-Command New-StratoVm).Parameters['Image'].ParameterType
            $image = $type::new('/k/vmlinuz', '/k/initrd', '6.1.0', [string[]] @('ext4'), 'test')
            $image | New-StratoVm linux -CommandLine 'console=ttyS0'
            """));
        Assert.Equal("/k/vmlinuz", vm.Properties["Kernel"].Value);
        Assert.Equal("/k/initrd", vm.Properties["Initrd"].Value);
    }

    [Fact]
    public void A_path_on_another_provider_is_refused() =>
        _session.Run("New-StratoVm vm -Kernel Env:PATH").OnlyError("StratoVirt.PathUnusable");

    [Fact]
    public void Machines_are_made_from_objects_with_names() =>
        Assert.Equal(["a", "b"], _session.Get("[pscustomobject]@{ Name = 'a' }, [pscustomobject]@{ Name = 'b' } | New-StratoVm -BuiltIn").Select(vm => vm.ToString()));
}
