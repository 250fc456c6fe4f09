using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine.Tests.Native;

/// <summary>Devices around a guest that has no driver for them: made, listed, changed, plugged and given back.</summary>
public sealed class DeviceTests
{
    private const string Prompt = "hello> ";

    [KvmTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Devices_are_listed_in_the_order_of_the_definition(bool acpi)
    {
        using VirtualMachine machine = Create(acpi: acpi);
        Assert.Equal(["port", "rng", "balloon"], machine.Devices.Select(device => device.Name));
        Assert.All(machine.Devices, device =>
        {
            Assert.Equal((VmDeviceBus.VirtioMmio, VmDeviceState.Idle), (device.Bus, device.State));
            Assert.Null(device.Fault);
        });
        Assert.Equal(3, machine.Devices.Select(device => device.Address).Distinct().Count());
        Assert.NotNull(machine.FindConsole("PORT"));
    }

    [KvmFact]
    public void A_guest_boots_beside_them_through_pause_reset_and_hot_plug()
    {
        using var guest = new GuestSession(Create());
        guest.Expect(Prompt);
        guest.Machine.AddDevice(new EntropySpec { Name = "more" });
        guest.Machine.Pause();
        guest.Machine.AddDevice(new EntropySpec { Name = "paused" });
        guest.Machine.Resume();
        guest.Machine.Reset();
        guest.Expect(Prompt);
        VmDevice more = Assert.Single(guest.Machine.Devices, device => device.Name == "more");
        Assert.Equal((VmDeviceBus.VirtioPci, "0000:00:01.0"), (more.Bus, more.Address));
        Assert.Equal("0000:00:02.0", guest.Machine.Devices[^1].Address);
    }

    [KvmFact]
    public void A_device_a_guest_does_not_give_back_stays_until_the_next_reset()
    {
        using var guest = new GuestSession(Create());
        guest.Expect(Prompt);
        guest.Machine.AddDevice(new EntropySpec { Name = "more" });
        Assert.False(guest.Machine.RemoveDevice("more", TimeSpan.Zero));
        Assert.Equal(VmDeviceState.Leaving, guest.Machine.Devices[^1].State);
        var late = Assert.Throws<MachineException>(() => guest.Machine.RemoveDevice("more", TimeSpan.FromMilliseconds(1)));
        Assert.Equal(MachineErrorId.Timeout, late.Id);
        guest.Machine.Reset();
        Assert.DoesNotContain(guest.Machine.Devices, device => device.Name == "more");
        guest.Expect(Prompt);
    }

    [KvmFact]
    public void Before_the_start_devices_come_and_go_at_once()
    {
        using VirtualMachine machine = Create();
        machine.AddDevice(new EntropySpec { Name = "more" });
        Assert.True(machine.RemoveDevice("MORE", TimeSpan.Zero));
        machine.AddDevice(new ConsolePortSpec { Name = "second" });
        Assert.NotNull(machine.FindConsole("second"));
        Assert.True(machine.RemoveDevice("second", TimeSpan.Zero));
        Assert.Equal(3, machine.Devices.Count);
    }

    [KvmFact]
    public void What_cannot_be_is_refused_and_leaves_the_machine_as_it_was()
    {
        using VirtualMachine machine = Create();
        Refused(MachineErrorId.DeviceExists, () => machine.AddDevice(new EntropySpec { Name = "RNG" }));
        Refused(MachineErrorId.DeviceMissing, () => machine.AddDevice(new DiskSpec { Name = "disk", Path = "/nowhere/disk.img" }));
        Refused(MachineErrorId.DeviceMissing, () => machine.AddDevice(new EntropySpec { Name = "more", Source = "/nowhere/rng" }));
        Refused(MachineErrorId.DeviceUnknown, () => machine.RemoveDevice("disk", TimeSpan.Zero));
        Refused(MachineErrorId.DeviceUnchangeable, () => machine.RemoveDevice("rng", TimeSpan.Zero));
        Refused(MachineErrorId.DeviceUnchangeable, () => machine.ChangeDevice(new BalloonSpec { DeflateOnOom = false }));
        Refused(MachineErrorId.DeviceUnchangeable, () => machine.ChangeDevice(new EntropySpec { Name = "balloon" }));
        Assert.Equal(["port", "rng", "balloon"], machine.Devices.Select(device => device.Name));
        Assert.Equal(RunState.Prelaunch, machine.Status.State);
    }

    [KvmFact]
    public void Without_acpi_there_are_no_slots()
    {
        using VirtualMachine machine = Create(acpi: false);
        Refused(MachineErrorId.HotPlugUnavailable, () => machine.AddDevice(new EntropySpec { Name = "more" }));
    }

    [KvmFact]
    public void There_are_thirty_one_slots()
    {
        using VirtualMachine machine = Create();
        for (int i = 1; i < 32; i++)
        {
            machine.AddDevice(new EntropySpec { Name = $"rng{i}" });
        }

        Refused(MachineErrorId.TooManyDevices, () => machine.AddDevice(new EntropySpec { Name = "rng32" }));
        machine.Start();
        machine.PowerOff();
    }

    [KvmFact]
    public void Settings_change_while_the_machine_exists()
    {
        using VirtualMachine machine = Create();
        machine.ChangeDevice(new BalloonSpec { Size = ByteSize.FromMebibytes(8) });
        machine.ChangeDevice(new EntropySpec { RateLimit = new RateLimitSpec { Operations = 5 } });
        VmDevice balloon = Assert.Single(machine.Devices, device => device.Name == "balloon");
        Assert.Equal(8UL << 20, Assert.IsType<BalloonReport>(balloon.Metrics).TargetBytes);
        Assert.Equal(ByteSize.FromMebibytes(8), Assert.IsType<BalloonSpec>(balloon.Spec).Size);
    }

    private static VirtualMachine Create(bool acpi = true)
    {
        VmDefinition definition = GuestSession.Definition("devices", acpi: acpi);
        return VirtualMachine.Create(
            definition with
            {
                Spec = definition.Spec with
                {
                    Entropy = new EntropySpec(),
                    Balloon = new BalloonSpec(),
                    Ports = [new ConsolePortSpec { Name = "port" }],
                },
            },
            new MachineEnvironment());
    }

    private static void Refused(MachineErrorId id, Action action) => Assert.Equal(id, Assert.Throws<MachineException>(action).Id);
}
