using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands.Devices;

public sealed class AddStratoDeviceTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public AddStratoDeviceTests() => _session.Get("'web1', 'web2', 'db' | ForEach-Object { New-StratoVm $_ -BuiltIn }");

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("-Disk ./a.img", "disk0 Disk {0}/a.img")]
    [InlineData("-Network -User", "net0 Network user")]
    [InlineData("-Network -User -Forward 2222:22", "net0 Network user")]
    [InlineData("-Network -Tap tap0", "net0 Network tap0")]
    [InlineData("-Network -TapDescriptor 7", "net0 Network fd 7")]
    [InlineData("-Port", "port0 Port ")]
    [InlineData("-Port -Console -Socket con.sock", "port0 Port {0}/con.sock")]
    [InlineData("-Port -File out.log", "port0 Port {0}/out.log")]
    [InlineData("-Port -Pipe pipe", "port0 Port {0}/pipe")]
    [InlineData("-Share . -ReadOnly", "share0 Share {0}")]
    [InlineData("-PersistentMemory ./p.img", "pmem0 PersistentMemory {0}/p.img")]
    [InlineData("-Memory -Maximum 1GB", "mem0 Memory ")]
    [InlineData("-Entropy", "rng Entropy ")]
    [InlineData("-Entropy -Source /dev/hwrng -Operations 10", "rng Entropy /dev/hwrng")]
    [InlineData("-Balloon -Size 16MB", "balloon Balloon ")]
    [InlineData("-Vsock", "vsock Vsock ")]
    [InlineData("-Vsock -Socket v.sock -Cid 9", "vsock Vsock {0}/v.sock")]
    [InlineData("-Name data -Disk ./a.img", "data Disk {0}/a.img")]
    public void Each_kind_can_be_added(string arguments, string expected)
    {
        expected = expected.Replace("{0}", _session.Directory, StringComparison.Ordinal);
        string added = _session.Get<string>($"Add-StratoDevice web1 {arguments} -PassThru | ForEach-Object {{ \"$($_.Name) $($_.Kind) $($_.Backend)\" }}");
        Assert.Equal(expected, added);
        Assert.Equal(expected, _session.Get<string>("Get-StratoDevice web1 | ForEach-Object { \"$($_.Name) $($_.Kind) $($_.Backend)\" }"));
        Assert.Equal("Defined", _session.Get<string>("(Get-StratoDevice web1).State"));
    }

    [Theory]
    [InlineData("-Disk a -ReadOnly -Serial s1 -BlockSize 4096 -Queues 2 -Direct -Threads -NoDiscard",
        "ReadOnly=True Serial=s1 BlockSize=4096 Queues=2 Cache=Direct Engine=Threads Discard=False RateLimit=")]
    [InlineData("-Disk a", "ReadOnly=False Serial= BlockSize=512 Queues= Cache=Buffered Engine= Discard=True RateLimit=")]
    [InlineData("-Network -Tap t -Queues 2 -Mac 52:54:00:00:00:01 -Mtu 9000 -Unplugged",
        "Queues=2 Mac=52:54:00:00:00:01 Mtu=9000 LinkUp=False")]
    [InlineData("-Memory -Maximum 1GB -Size '64MiB' -MemoryBlockSize 4MB", "Maximum=1073741824 Size=67108864 BlockSize=4194304")]
    [InlineData("-Memory -Maximum 1GB", "Size=0 BlockSize=2097152")]
    [InlineData("-Balloon -NoDeflateOnOom -NoFreePageReporting -StatisticsInterval 5",
        "Size=0 DeflateOnOom=False FreePageReporting=False StatisticsInterval=5")]
    [InlineData("-Vsock", "Cid=3 Socket=")]
    public void Settings_arrive(string arguments, string expected)
    {
        string names = string.Join(", ", expected.Split(' ').Select(pair => $"'{pair.Split('=')[0]}'"));
        Assert.Equal(expected, _session.Get<string>($$"""
            $settings = (Add-StratoDevice web1 {{arguments}} -PassThru).Settings
            ({{names}} | ForEach-Object { "$_=$($settings[$_])" }) -join ' '
            """));
    }

    [Fact]
    public void Limits_arrive_both_ways_of_a_card()
    {
        Assert.Equal("10485760 1048576 100 50", _session.Get<string>("""
            $limit = (Add-StratoDevice web1 -Network -User -Bandwidth 10MB -BandwidthBurst 1MB -Operations 100 -OperationsBurst 50 -PassThru).Settings['SendLimit']
            "$($limit['Bandwidth']) $($limit['BandwidthBurst']) $($limit['Operations']) $($limit['OperationsBurst'])"
            """));
        Assert.Equal(100, _session.Get<int>("(Get-StratoDevice web1 net0).Settings['ReceiveLimit']['Operations']"));
    }

    [Fact]
    public void A_free_name_is_taken()
    {
        _session.Get("Add-StratoDevice web1 -Name DISK1 -Disk x; 1..3 | ForEach-Object { Add-StratoDevice web1 -Disk y }");
        Assert.Equal("DISK1 disk0 disk2 disk3", _session.Get<string>("\"$((Get-StratoVm web1).Devices)\""));
    }

    [Fact]
    public void Machines_come_as_patterns_and_through_the_pipeline()
    {
        _session.Get("Get-StratoVm web* | Add-StratoDevice -Entropy; 'db' | Add-StratoDevice -Balloon; Add-StratoDevice web*, db -Vsock");
        Assert.Equal("db/balloon db/vsock web1/rng web1/vsock web2/rng web2/vsock", _session.Get<string>("\"$(Get-StratoDevice)\""));
        Assert.Empty(_session.Get("Add-StratoDevice nothing* -Entropy"));
    }

    [Fact]
    public void WhatIf_adds_nothing_and_without_PassThru_nothing_is_emitted()
    {
        Assert.Empty(_session.Get("Add-StratoDevice web1 -Entropy -WhatIf -PassThru"));
        Assert.Empty(_session.Get("Get-StratoDevice web1"));
        Assert.Empty(_session.Get("Add-StratoDevice web1 -Entropy"));
    }

    [Theory]
    [InlineData("-Disk x -Name disk", "StratoVirt.Conflict")]
    [InlineData("-Disk x -Name 9lives", "StratoVirt.InvalidName")]
    [InlineData("-Disk x -BlockSize 1000", "StratoVirt.InvalidValue")]
    [InlineData("-Disk x -Queues 0", "StratoVirt.OutOfRange")]
    [InlineData("-Disk x -RateGroup nosuch", "StratoVirt.InvalidValue")]
    [InlineData("-Disk x -Operations -1", "StratoVirt.OutOfRange")]
    [InlineData("-Disk x -BandwidthBurst 1MB", "StratoVirt.SettingUnfit")]
    [InlineData("-Network", "StratoVirt.MissingKey")]
    [InlineData("-Network -User -Tap tap0", "StratoVirt.Conflict")]
    [InlineData("-Network -Tap tap0 -Forward 1:1", "StratoVirt.Conflict")]
    [InlineData("-Network -User -Mac 53:54:00:00:00:01", "StratoVirt.InvalidValue")]
    [InlineData("-Port -File a -Pipe b", "StratoVirt.Conflict")]
    [InlineData("-Memory -Maximum 3MB", "StratoVirt.NotAligned")]
    [InlineData("-Memory -Maximum 4MB -Size 6MB", "StratoVirt.OutOfRange")]
    [InlineData("-Balloon -Size 1TB", "StratoVirt.OutOfRange")]
    [InlineData("-Vsock -Cid 2", "StratoVirt.OutOfRange")]
    [InlineData("-Entropy", "StratoVirt.SettingUnfit")]
    public void What_cannot_be_is_one_error_and_changes_nothing(string arguments, string id)
    {
        _session.Get("Add-StratoDevice web1 -Name Disk -Disk x; Add-StratoDevice web1 -Name random -Entropy");
        string before = _session.Get<string>("Export-StratoVm web1");
        ErrorRecord error = _session.Run($"Add-StratoDevice web1 {arguments}").OnlyError(id);
        Assert.Equal("web1", error.TargetObject.ToString());
        Assert.Equal(before, _session.Get<string>("Export-StratoVm web1"));
    }

    [Fact]
    public void An_unknown_machine_is_one_error() =>
        _session.Run("Add-StratoDevice wbe1 -Entropy").OnlyError("StratoVirt.NotFound");

    [Theory]
    [InlineData("-Disk x -Mtu 9000")]
    [InlineData("-Network -Serial x")]
    [InlineData("-Entropy -Balloon")]
    [InlineData("-Memory -Maximum 1GB -Cid 4")]
    public void Settings_of_another_kind_do_not_bind(string arguments) =>
        Assert.StartsWith("AmbiguousParameterSet", Assert.Single(_session.Run($"Add-StratoDevice web1 {arguments}").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
}
