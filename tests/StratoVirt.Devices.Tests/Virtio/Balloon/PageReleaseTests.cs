using StratoVirt.Devices.Virtio.Balloon;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Balloon;

public sealed class PageReleaseTests
{
    private const int Length = 1 << 20;

    private readonly PageRelease _release = new();

    [Fact]
    public void Shared_memory_is_cut_out_of_the_file_behind_it()
    {
        using MemFd file = MemFd.Create("release-test", Length);
        using GuestMemory memory = Over(MemoryMapping.CreateShared(file, Length));
        memory.TryWrite(new GuestAddress(0x5000), 7);
        Assert.Equal(0x4000ul, _release.Release(memory, 0x4000, 0x4000));
        Assert.True(memory.TryRead(new GuestAddress(0x5000), out int value));
        Assert.Equal(0, value);
        byte[] behind = new byte[4];
        file.ReadAt(behind, 0x5000, out _);
        Assert.Equal(new byte[4], behind);
        Assert.Equal(0x4000, _release.Released);
    }

    [Fact]
    public void What_the_kernel_refuses_is_left_alone_and_counted()
    {
        using MemFd file = MemFd.Create("release-test", Length);
        using GuestMemory memory = Over(MemoryMapping.CreatePrivate(file, Length));
        memory.TryWrite(new GuestAddress(0x5000), 7);
        _release.Release(memory, 0x4000, 0x4000);
        Assert.True(memory.TryRead(new GuestAddress(0x5000), out int value));
        Assert.Equal(7, value);
        Assert.Equal((0L, 0x4000L), (_release.Released, _release.Refused));
    }

    [Fact]
    public void A_run_over_a_hole_gives_back_both_sides()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous(
            [new GuestRange(new GuestAddress(0), 0x4000), new GuestRange(new GuestAddress(0x8000), 0x4000)]);
        memory.TryWrite(new GuestAddress(0x3000), 7);
        memory.TryWrite(new GuestAddress(0x8000), 7);
        Assert.Equal(0x3000ul, _release.Release(memory, 0x3000, 0x7000));
        Assert.True(memory.TryRead(new GuestAddress(0x3000), out int below));
        Assert.True(memory.TryRead(new GuestAddress(0x8000), out int above));
        Assert.Equal((0, 0), (below, above));
        Assert.Equal(0x3000, _release.Released);
    }

    private static GuestMemory Over(MemoryMapping mapping) => new([new GuestMemoryRegion(new GuestAddress(0), mapping)]);
}
