using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;
using Xunit;
using static StratoVirt.Testing.Virtio.VirtioMmioDriver;

namespace StratoVirt.Devices.Tests.Virtio.Transport;

/// <summary>The life of a device behind its registers, driven as Linux does, and as no driver should.</summary>
public sealed class VirtioMmioTests : VirtioMmioFixture
{
    public static TheoryData<ulong> RingFeatures =>
    [
        VirtioFeatures.QueueReset,
        VirtioFeatures.QueueReset | VirtioFeatures.EventIndex | VirtioFeatures.IndirectDescriptors,
        VirtioFeatures.QueueReset | VirtioFeatures.PackedRing,
        VirtioFeatures.QueueReset | VirtioFeatures.PackedRing | VirtioFeatures.EventIndex | VirtioFeatures.IndirectDescriptors,
    ];

    [Theory]
    [MemberData(nameof(RingFeatures))]
    public void ADriver_starts_theDevice_and_talks_to_it(ulong features)
    {
        Driver.Start(features);
        Assert.Equal(
            VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk | VirtioStatus.DriverOk, Driver.Status);
        Echo();
        Assert.True(Line.TryTake());
        Assert.Equal(1u, Driver.TakeInterrupt());
        Assert.Equal(0u, Driver.TakeInterrupt());
        Echo();
    }

    [Fact]
    public void Notifications_reach_theDevicesThread_()
    {
        Device.Resume();
        Driver.Start();
        DriverBuffer answer = Memory.Writable(3);
        Driver.Queues[0]!.Add([Memory.Readable("abc"u8), answer]);
        Assert.True(Driver.Kick(0));
        UsedElement used = default;
        Assert.True(SpinWait.SpinUntil(() => Driver.Queues[0]!.TryCollect(out used), TimeSpan.FromSeconds(30)));
        Assert.Equal(3u, used.Written);
        Assert.Equal("abc"u8, Memory.Span(answer));
    }

    [Theory]
    [InlineData(1UL << 5)]
    [InlineData(1UL << 50)]
    [InlineData(1UL << 63)]
    public void A_feature_that_was_not_offered_is_refused(ulong feature)
    {
        Driver.Status = VirtioStatus.Acknowledge | VirtioStatus.Driver;
        Assert.False(Driver.Negotiate(VirtioFeatures.Version1 | feature));
        Assert.Equal(VirtioStatus.Acknowledge | VirtioStatus.Driver, Driver.Status);
        Assert.True(Driver.Negotiate(VirtioFeatures.Version1));
    }

    [Fact]
    public void ADriver_without_version_1_is_refused()
    {
        Driver.Status = VirtioStatus.Acknowledge | VirtioStatus.Driver;
        Assert.False(Driver.Negotiate(LoopbackDevice.OwnFeature));
    }

    [Fact]
    public void Features_are_fixed_once_accepted()
    {
        Driver.Start(VirtioFeatures.EventIndex);
        Driver.Write32(Register.DriverFeaturesSelect, 1);
        Driver.Write32(Register.DriverFeatures, uint.MaxValue);
        Driver.Write32(Register.DriverFeaturesSelect, 0);
        Driver.Write32(Register.DriverFeatures, uint.MaxValue);
        Echo();
    }

    [Fact]
    public void Driver_ok_without_features_ok_starts_nothing()
    {
        Driver.Negotiate(VirtioFeatures.Version1 | (1UL << 50));
        Driver.SetUpQueues();
        Driver.Status |= VirtioStatus.DriverOk;
        Assert.False(Driver.Status.HasFlag(VirtioStatus.DriverOk));
        Driver.Queues[0]!.Add([Memory.Writable(1)]);
        Driver.Kick(0);
        Device.Serve(0);
        Assert.Equal(0, Device.Rounds);

        Driver.Negotiate(VirtioFeatures.Version1);
        Driver.Status |= VirtioStatus.DriverOk;
        Device.Serve(0);
        Assert.Equal(1, Device.Echoed);
    }

    [Fact]
    public void Both_bits_in_one_write_start_theDevice()
    {
        Driver.Write32(Register.DriverFeaturesSelect, 1);
        Driver.Write32(Register.DriverFeatures, 1);
        Driver.SetUpQueues();
        Driver.Status = VirtioStatus.FeaturesOk | VirtioStatus.DriverOk;
        Driver.Queues[0]!.Add([Memory.Writable(1)]);
        Driver.Queues[0]!.Kick();
        Device.Serve(0);
        Assert.Equal(1, Device.Echoed);
    }

    [Fact]
    public void A_status_bit_stays_until_the_reset()
    {
        Driver.Start();
        Driver.Status = VirtioStatus.Acknowledge;
        Assert.True(Driver.Status.HasFlag(VirtioStatus.DriverOk));
        Driver.Status = VirtioStatus.NeedsReset | VirtioStatus.Failed;
        Assert.False(Driver.Status.HasFlag(VirtioStatus.NeedsReset));
        Assert.True(Driver.Status.HasFlag(VirtioStatus.Failed));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_reset_at_any_step_leaves_aDevice_that_starts_again(int step)
    {
        Action[] steps =
        [
            () => Driver.Status = VirtioStatus.Acknowledge,
            () => Driver.Status |= VirtioStatus.Driver,
            () => Driver.Negotiate(Driver.ReadOffered()),
            () => Driver.SetUpQueues(),
            () => Driver.Status |= VirtioStatus.DriverOk,
            Hold,
        ];
        for (int i = 0; i < step; i++)
        {
            steps[i]();
        }

        Driver.Reset();

        Assert.Equal((0u, 0u), (Driver.Read32(Register.InterruptStatus), Driver.Read32(Register.QueueReady)));
        Assert.Equal((0, step >= 5 ? 1 : 0), (Device.Held, Device.Resets));
        Device.Serve(0);
        Assert.Equal(step >= 6 ? 1 : 0, Device.Rounds);
        Driver.Start();
        Echo();
    }

    [Fact]
    public void The_machines_reset_is_as_theDrivers()
    {
        Driver.Start();
        Hold();
        Mmio.Reset();
        Assert.Equal((VirtioStatus.None, 0), (Driver.Status, Device.Held));
        Driver.Start();
        Echo();
    }

    [Theory]
    [MemberData(nameof(RingFeatures))]
    public void A_queue_is_reset_alone_with_requests_in_flight(ulong features)
    {
        Driver.Start(features);
        Hold();
        Driver.ResetQueue(1);
        Assert.Equal(0, Device.Held);
        Device.Serve(1);
        Echo();

        DriverQueue queue = Driver.Enable(1, size: 8);
        ushort id = queue.Add([Memory.Writable(1)]);
        queue.Kick();
        Device.Serve(1);
        Assert.Equal(1, Device.Held);
        Device.CompleteHeld(0);
        Assert.Equal(id, queue.Collect().Id);
    }

    [Fact]
    public void A_queue_reset_that_was_not_negotiated_is_ignored()
    {
        Driver.Start(0);
        Driver.Write32(Register.QueueSelect, 0);
        Driver.Write32(Register.QueueReset, 1);
        Assert.Equal(1u, Driver.Read32(Register.QueueReady));
        Echo();
    }

    [Fact]
    public void A_queue_that_is_not_ready_is_not_looked_at()
    {
        Driver.Start(0);
        Driver.Write32(Register.QueueSelect, 0);
        Driver.Write32(Register.QueueReady, 0);
        Assert.Equal(0u, Driver.Read32(Register.QueueReady));
        Driver.Queues[0]!.Add([Memory.Writable(1)]);
        Driver.Queues[0]!.Kick();
        Device.Serve(0);
        Assert.Equal(0, Device.Rounds);
    }

    [Fact]
    public void A_ready_queues_registers_are_fixed()
    {
        Driver.Start();
        Driver.Describe(new VirtqueueSetup(0, 3, default, default, default));
        Echo();
    }

    [Theory]
    [InlineData(17, 0UL)]
    [InlineData(32768, 0UL)]
    [InlineData(0, 0UL)]
    [InlineData(16, 8UL)]
    [InlineData(16, 0xFFFF_FFFF_0000_0000UL)]
    public void A_bad_queue_stops_theDevice_and_says_so(int size, ulong displacement)
    {
        Driver.Status = VirtioStatus.Acknowledge | VirtioStatus.Driver;
        Driver.Negotiate(VirtioFeatures.Version1);
        Driver.SetUpQueues();
        VirtqueueSetup good = Driver.Queues[0]!.Setup;
        Driver.Write32(Register.QueueSelect, 0);
        Driver.Write32(Register.QueueReady, 0);
        Driver.Describe(good with { Size = (ushort)size, DescriptorArea = new GuestAddress(good.DescriptorArea.Value + displacement) });
        Driver.Write32(Register.QueueReady, 1);

        Driver.Status |= VirtioStatus.DriverOk;

        Assert.True(Driver.Status.HasFlag(VirtioStatus.NeedsReset));
        Assert.Equal(2u, Driver.TakeInterrupt());
        Device.Serve(0);
        Device.Serve(1);
        Assert.Equal(0, Device.Rounds);
        Assert.Contains("queue 0", Device.Fault);
        Driver.Start();
        Assert.Null(Device.Fault);
        Echo();
    }

    [Fact]
    public void A_bad_queue_enabled_late_stops_theDevice_and_says_so()
    {
        Driver.Start(VirtioFeatures.QueueReset);
        Driver.ResetQueue(1);
        Driver.Describe(Driver.Queues[1]!.Setup with { DeviceArea = new GuestAddress(0) });
        Driver.Write32(Register.QueueReady, 1);
        Assert.True(Driver.Status.HasFlag(VirtioStatus.NeedsReset));
        Assert.Contains("queue 1", Device.Fault);
    }

    [Fact]
    public void ADriver_that_breaks_a_queue_is_told_to_reset()
    {
        Driver.Start(0);
        ((SplitDriverQueue)Driver.Queues[0]!).AvailableIndex = 1000;
        Device.Serve(0);
        Assert.True(Driver.Status.HasFlag(VirtioStatus.NeedsReset));
        Assert.Equal(2u, Driver.TakeInterrupt() & 2);
        Driver.Start(0);
        Assert.False(Driver.Status.HasFlag(VirtioStatus.NeedsReset));
        Echo();
    }
}
