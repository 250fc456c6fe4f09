using System.Text;
using StratoVirt.Backends.Io;
using StratoVirt.Backends.VhostUser;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.FileSystem;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing.VhostUser;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.FileSystem;

public sealed class FileSystemDeviceTests
{
    private static readonly FileSystemConfiguration Configuration = new() { Tag = "shared" };

    [Fact]
    public void Configuration_space_holds_tag_and_queues()
    {
        using DeviceUnderTest<FileSystemDevice> rig = Make(new FakeVhostUserBackend(), activate: false);
        byte[] space = new byte[rig.Device.ConfigurationLength];
        rig.Device.ReadConfiguration(0, space);
        Assert.Equal("shared", Encoding.UTF8.GetString(space[..36]).TrimEnd('\0'));
        Assert.Equal(1U, rig.ReadConfiguration<uint>(36));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("0123456789012345678901234567890123456")]
    [InlineData("ääääääääääääääääääß")]
    public void A_tag_that_does_not_fit_is_refused(string tag)
    {
        var backend = new FakeVhostUserBackend();
        using var memory = TestGuestMemory.CreateShared();
        using var thread = new IoThread("fs-test", _ => { });
        void Create() => _ = new FileSystemDevice(new FileSystemConfiguration { Tag = tag }, backend, memory.Memory, thread);
        if (Encoding.UTF8.GetByteCount(tag) is > 0 and <= 36 && !tag.Contains('\0', StringComparison.Ordinal))
        {
            Assert.Fail("the test's tag is fine");
        }

        Assert.ThrowsAny<ArgumentException>(Create);
        Assert.True(backend.IsKilled);
    }

    [Fact]
    public void Private_memory_is_refused_and_the_process_ended()
    {
        var backend = new FakeVhostUserBackend();
        using var memory = new TestGuestMemory();
        using var thread = new IoThread("fs-test", _ => { });
        Assert.Throws<VhostUserException>(() => new FileSystemDevice(Configuration, backend, memory.Memory, thread));
        Assert.True(backend.IsKilled);
    }

    [Fact]
    public void Only_what_the_process_knows_is_offered()
    {
        using DeviceUnderTest<FileSystemDevice> rig = Make(
            new FakeVhostUserBackend { Features = (1UL << 32) | (1UL << 29) | (1UL << 34) }, activate: false);
        Assert.Equal(VirtioFeatures.Version1 | VirtioFeatures.EventIndex, rig.Device.CommonFeatures);
    }

    [Fact]
    public void Activation_hands_memory_and_queues_over()
    {
        var backend = new FakeVhostUserBackend();
        using DeviceUnderTest<FileSystemDevice> rig = Make(backend);
        uint[] queue = [8, 10, 9, 13, 12, 18];
        Assert.Equal([1U, 15, 16, 17, 3, 2, 5, .. queue, .. queue], backend.Received.Select(message => message.Request));

        // Ring addresses are those of the table: guest physical ones.
        byte[] addresses = backend.Received.Last(message => message.Request == 9).Payload;
        Assert.Equal(rig.Queues[1].Setup.DescriptorArea.Value, BitConverter.ToUInt64(addresses, 8));
        Assert.Equal(rig.Queues[1].Setup.DeviceArea.Value, BitConverter.ToUInt64(addresses, 16));
        Assert.Equal(rig.Queues[1].Setup.DriverArea.Value, BitConverter.ToUInt64(addresses, 24));
    }

    [Fact]
    public void Kicks_reach_the_process_and_not_the_device()
    {
        var backend = new FakeVhostUserBackend();
        using DeviceUnderTest<FileSystemDevice> rig = Make(backend);
        VhostUserMessage kick = backend.Received.Last(message => message.Request == FakeVhostUserBackend.SetVringKick);
        rig.Device.Doorbells[1].Ring();
        rig.Settle();
        byte[] count = new byte[8];
        kick.Descriptors[0].Read(count, out int read);

        // One of them was the device's own, in case the guest had rung before.
        Assert.Equal((8, 2), (read, count[0]));
    }

    [Fact]
    public void Calls_of_the_process_become_interrupts()
    {
        var backend = new FakeVhostUserBackend();
        using DeviceUnderTest<FileSystemDevice> rig = Make(backend);
        backend.Call(1);
        rig.Settle();
        Assert.Equal((0, 1), (rig.Interrupts.Of(0), rig.Interrupts.Of(1)));
        Assert.Equal(new FileSystemMetrics(1, true), rig.Device.Metrics);
    }

    [Fact]
    public void A_pause_takes_the_queues_back_and_a_resume_hands_them_over_where_they_were()
    {
        var backend = new FakeVhostUserBackend { Position = 7 };
        using DeviceUnderTest<FileSystemDevice> rig = Make(backend);
        rig.Device.Pause();
        Assert.Equal(2, backend.Received.Count(message => message.Request == FakeVhostUserBackend.GetVringBase));
        Assert.Equal(new VirtqueueState(7, 7), rig.DeviceQueues[1]!.Save());
        int before = backend.Received.Count;
        rig.Device.Resume();
        VhostUserMessage[] again = [.. backend.Received.Skip(before)];
        Assert.DoesNotContain(again, message => message.Request == FakeVhostUserBackend.SetMemoryTable);
        Assert.Equal(7, BitConverter.ToInt32(again.First(message => message.Request == 10).Payload, 4));
    }

    [Fact]
    public void A_call_during_a_pause_is_not_lost()
    {
        var backend = new FakeVhostUserBackend();
        using DeviceUnderTest<FileSystemDevice> rig = Make(backend);
        backend.Answer = message =>
        {
            if (message.Request == FakeVhostUserBackend.GetVringBase)
            {
                backend.Call(message.Payload[0]);
            }

            return null;
        };
        rig.Device.Pause();
        Assert.True(rig.Interrupts.Of(0) > 0 && rig.Interrupts.Of(1) > 0);
    }

    [Fact]
    public void A_reset_takes_everything_back_and_the_next_driver_is_served()
    {
        var backend = new FakeVhostUserBackend();
        using DeviceUnderTest<FileSystemDevice> rig = Make(backend);
        rig.Device.Reset();
        Assert.Equal(FakeVhostUserBackend.GetVringBase, backend.Received[^1].Request);
        Assert.False(backend.IsKilled);
        rig.Activate();
        Assert.Null(rig.Device.Fault);
        Assert.Equal(2, backend.Received.Count(message => message.Request == FakeVhostUserBackend.SetMemoryTable));
    }

    [Fact]
    public void A_process_that_ends_fails_the_device()
    {
        var backend = new FakeVhostUserBackend();
        using DeviceUnderTest<FileSystemDevice> rig = Make(backend);
        backend.Die();
        rig.Settle();
        Assert.Equal("the fake ended", rig.Device.Fault);
        Assert.True(rig.Interrupts.IsResetNeeded);
        Assert.False(rig.Device.Metrics.IsServed);

        // It may have closed its connection alone: after a reset it must not have guest memory.
        rig.Device.Reset();
        Assert.True(backend.IsKilled);
        rig.Activate();
        Assert.Equal("the fake ended", rig.Device.Fault);
        Assert.Empty(rig.Faults);
    }

    [Fact]
    public void A_process_that_ends_before_there_is_a_driver_fails_the_device_then()
    {
        var backend = new FakeVhostUserBackend();
        using DeviceUnderTest<FileSystemDevice> rig = Make(backend, activate: false);
        backend.Die();
        rig.Settle();
        Assert.Null(rig.Device.Fault);
        rig.Activate();
        Assert.NotNull(rig.Device.Fault);
    }

    [Fact]
    public void A_process_that_does_not_give_a_queue_back_is_ended()
    {
        var backend = new FakeVhostUserBackend(TimeSpan.FromMilliseconds(50));
        using DeviceUnderTest<FileSystemDevice> rig = Make(backend);
        backend.Answer = message => message.Request == FakeVhostUserBackend.GetVringBase ? [] : null;
        rig.Device.Reset();
        Assert.True(backend.IsKilled);
    }

    [Fact]
    public void A_process_that_refuses_memory_fails_the_device()
    {
        var backend = new FakeVhostUserBackend
        {
            Answer = message => message.Request == FakeVhostUserBackend.SetMemoryTable ? FakeVhostUserBackend.Reply(5, 12) : null,
        };
        using DeviceUnderTest<FileSystemDevice> rig = Make(backend);
        Assert.Contains("refused SetMemoryTable", rig.Device.Fault, StringComparison.Ordinal);
        Assert.True(backend.IsKilled);
    }

    [Fact]
    public void Only_an_idle_device_can_be_saved()
    {
        using DeviceUnderTest<FileSystemDevice> rig = Make(new FakeVhostUserBackend(), activate: false);
        FileSystemState state = rig.Device.Save();
        rig.Device.Restore(state);
        Assert.Throws<DeviceStateException>(() => rig.Device.Restore(state with { Tag = "other" }));
        Assert.Throws<DeviceStateException>(() => rig.Device.Restore(state with { Version = 0 }));
        rig.Activate();
        Assert.Contains("shared", Assert.Throws<InvalidOperationException>(rig.Device.Save).Message, StringComparison.Ordinal);
    }

    private static DeviceUnderTest<FileSystemDevice> Make(FakeVhostUserBackend backend, bool activate = true)
    {
        TestGuestMemory memory = TestGuestMemory.CreateShared();
        return new DeviceUnderTest<FileSystemDevice>(
            thread => new FileSystemDevice(Configuration, backend, memory.Memory, thread), activate: activate, memory: memory);
    }
}
