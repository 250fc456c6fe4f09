using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class InvokeStratoQmpTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public InvokeStratoQmpTests() => _session.StartHello();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Results_are_objects_with_the_protocols_names()
    {
        Assert.Equal("running", _session.Get<string>("(Invoke-StratoQmp hello query-status).status"));
        Assert.Equal("hello", _session.Get<string>("(Get-StratoVm hello | Invoke-StratoQmp -Command query-name).name"));
        Assert.Equal(16L << 20, _session.Get<long>("(Invoke-StratoQmp h* query-memory-size-summary).'base-memory'"));
        Assert.Contains("device_add", _session.Get("(Invoke-StratoQmp hello query-commands).name").Select(name => name.ToString()));
        Assert.Empty(_session.Get("Invoke-StratoQmp hello query-block"));
    }

    [Fact]
    public void Commands_change_the_machine_and_say_nothing()
    {
        Assert.Empty(_session.Get("Invoke-StratoQmp hello stop"));
        Assert.Equal("Paused", _session.Get<string>("(Get-StratoVm hello).State"));
        Assert.Empty(_session.Get("Invoke-StratoQmp hello cont -WhatIf"));
        Assert.Equal("paused", _session.Get<string>("(Invoke-StratoQmp hello query-status -WhatIf).status"));
        Assert.Empty(_session.Get("Invoke-StratoQmp hello cont"));
    }

    [Theory]
    [InlineData("@{ driver = 'virtio-rng-pci'; id = 'rng0'; 'max-bytes' = 1024; period = 1000 }")]
    [InlineData("'{\"driver\": \"virtio-rng-pci\", \"id\": \"rng0\"}'")]
    [InlineData("([pscustomobject]@{ driver = 'virtio-rng-pci'; id = 'rng0' })")]
    public void Arguments_are_a_table_or_JSON(string arguments)
    {
        _session.Get($"Invoke-StratoQmp hello device_add {arguments}");
        Assert.Equal("rng0", _session.Get<string>("(Get-StratoDevice hello).Name"));
    }

    [Fact]
    public void Raw_is_JSON()
    {
        Assert.Equal("[]", _session.Get<string>("Invoke-StratoQmp hello query-block -Raw"));
        Assert.Equal("{}", _session.Get<string>("Invoke-StratoQmp hello system_powerdown -Raw"));
    }

    [Theory]
    [InlineData("Invoke-StratoQmp hello nope", "StratoVirt.QmpCommandNotFound", ErrorCategory.NotImplemented)]
    [InlineData("Invoke-StratoQmp hello device_del @{ id = 'x' }", "StratoVirt.QmpDeviceNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Invoke-StratoQmp hello query-balloon", "StratoVirt.QmpDeviceNotActive", ErrorCategory.InvalidOperation)]
    [InlineData("Invoke-StratoQmp hello device_add @{ id = 'x' }", "StratoVirt.QmpGenericError", ErrorCategory.InvalidOperation)]
    [InlineData("Invoke-StratoQmp hello device_del '[1]'", "StratoVirt.ArgumentsInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("Invoke-StratoQmp hello device_del '{'", "StratoVirt.ArgumentsInvalid", ErrorCategory.InvalidArgument)]
    public void Refusals_are_errors_with_the_class_of_the_protocol(string command, string id, ErrorCategory category) =>
        Assert.Equal(category, _session.Run(command).OnlyError(id).CategoryInfo.Category);

    [Fact]
    public void A_machine_that_does_not_run_has_no_socket()
    {
        _session.Get("New-StratoVm idle -BuiltIn");
        _session.Run("Invoke-StratoQmp idle query-status").OnlyError("StratoVirt.NotRunning");
    }

    [Fact]
    public void Quitting_ends_the_machine_and_leaves_no_socket()
    {
        _session.Get("Invoke-StratoQmp hello quit; Wait-StratoVm hello -State Stopped -TimeoutSeconds 30");
        Assert.Equal("host-qmp-quit", _session.Get<string>("(Get-StratoVm hello).Cause"));
        Assert.Empty(Directory.GetFiles(_session.Directory, "qmp.sock", SearchOption.AllDirectories));
        _session.Get("Start-StratoVm hello");
        Assert.Equal("running", _session.Get<string>("(Invoke-StratoQmp hello query-status).status"));
    }
}
