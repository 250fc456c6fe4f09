using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

/// <summary>What needs neither apt nor a network; making whole images is the lab's.</summary>
public sealed class NewStratoGuestImageTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_kernel_that_is_not_there_is_one_error()
    {
        ErrorRecord error = _session.Run("New-StratoGuestImage -Kernel ./nosuch -CachePath ./cache").OnlyError("StratoVirt.FileUnusable");
        Assert.Contains(Path.Combine(_session.Directory, "nosuch"), error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_name_that_cannot_be_one_is_one_error() =>
        Assert.Single(_session.Run("New-StratoGuestImage -FromPackage '../x' -CachePath ./cache").Errors);

    [Fact]
    public void WhatIf_makes_nothing()
    {
        Assert.Empty(_session.Get("New-StratoGuestImage -FromDebian -CachePath ./cache -WhatIf"));
        Assert.Contains("\"linux-image-", _session.Host.Screen.Text, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_session.Directory, "cache")));
    }

    [Fact]
    public void Sources_exclude_each_other() =>
        Assert.Equal("AmbiguousParameterSet", _session.Run("New-StratoGuestImage -FromDebian -Kernel x").Errors.Single().FullyQualifiedErrorId.Split(',')[0]);
}
