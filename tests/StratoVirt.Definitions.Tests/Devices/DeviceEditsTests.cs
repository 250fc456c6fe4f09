using CsCheck;
using StratoVirt.Definitions.Devices;

namespace StratoVirt.Definitions.Tests.Devices;

public sealed class DeviceEditsTests
{
    private static readonly VmSpec Bare = new() { Boot = new BootSpec { BuiltIn = true } };

    [Fact]
    public void Devices_added_one_by_one_make_the_list_they_came_from() => DeviceLists.Any.Sample(spec =>
    {
        VmSpec built = spec.ListDevices().Aggregate(Bare with { RateGroups = spec.RateGroups }, (made, device) => made.WithDevice(device));
        return built.Equals(spec);
    });

    [Fact]
    public void A_device_taken_away_is_gone_and_the_others_stay() => DeviceLists.Any.Sample(spec =>
        spec.ListDevices().All(gone =>
        {
            VmSpec left = spec.WithoutDevice(gone.Name.ToUpperInvariant());
            return left.FindDevice(gone.Name) is null && left.ListDevices().SequenceEqual(spec.ListDevices().Where(device => device != gone));
        }));

    [Fact]
    public void A_device_is_found_whatever_the_case_of_its_name() => DeviceLists.Any.Sample(spec =>
        spec.FindDevice("nosuch") is null && spec.ListDevices().All(device => spec.FindDevice(device.Name.ToUpperInvariant()) == device));

    [Fact]
    public void A_changed_device_keeps_its_place()
    {
        VmSpec spec = Bare with
        {
            Disks = [new DiskSpec { Name = "a", Path = "/a" }, new DiskSpec { Name = "b", Path = "/b" }, new DiskSpec { Name = "c", Path = "/c" }],
            Balloon = new BalloonSpec(),
        };
        VmSpec changed = spec.WithChangedDevice(new DiskSpec { Name = "B", Path = "/other" });
        Assert.Equal(["/a", "/other", "/c"], changed.Disks.Select(disk => disk.Path));
        Assert.Equal(5, spec.WithChangedDevice(new BalloonSpec { StatisticsInterval = 5 }).Balloon!.StatisticsInterval);
    }

    [Fact]
    public void A_change_touches_no_device_of_another_name_or_kind()
    {
        VmSpec spec = Bare with { Disks = [new DiskSpec { Name = "a", Path = "/a" }], Entropy = new EntropySpec() };
        Assert.Equal(spec, spec.WithChangedDevice(new EntropySpec { Name = "other", Source = "/dev/x" }));
        Assert.Equal(spec, spec.WithChangedDevice(new ShareSpec { Name = "a", Path = "/x" }));
    }

    [Fact]
    public void Of_some_kinds_there_is_one()
    {
        VmSpec spec = Bare with { Entropy = new EntropySpec() };
        Assert.Throws<InvalidOperationException>(() => spec.WithDevice(new EntropySpec { Name = "second" }));
    }
}
