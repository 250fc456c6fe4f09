using System.Diagnostics;
using StratoVirt.Backends.Block;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Storage;
using Xunit;

namespace StratoVirt.Backends.Tests.Block;

public sealed class BlockImageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void TwoWritersCannotHaveOneImage()
    {
        BlockImageOptions options = Make(1 << 20);
        using IBlockBackend first = BlockImage.Open(options);
        BlockImageException refused = Assert.Throws<BlockImageException>(() => BlockImage.Open(options));
        Assert.Contains(options.Path, refused.Message);
        Assert.Contains("another machine", refused.Message);
        Assert.Throws<BlockImageException>(() => BlockImage.Open(options with { ReadOnly = true }));
        first.Dispose();
        BlockImage.Open(options).Dispose();
    }

    [Fact]
    public void ABadSectorIsNotTheEndOfTheImage()
    {
        BlockImageOptions options = Make(1 << 20);
        FileDescriptor file = BlockImage.OpenFile(options);
        using var image = new RawImage(options.Path, file, StorageFacts.Of(file), 512, options);
        var io = new BlockIo(this);
        io.Begin(BlockOperation.Read, 0, 512);
        Assert.True(image.Account(io, -(int)Errno.NoData));
        Assert.Equal(Errno.InputOutput, io.Result);
        Assert.True(image.Account(io, 0));
        Assert.Equal(BlockIo.EndOfImage, io.Result);
    }

    [Fact]
    public void ReadersShareAnImage()
    {
        BlockImageOptions options = Make(1 << 20) with { ReadOnly = true };
        using IBlockBackend first = BlockImage.Open(options);
        using IBlockBackend second = BlockImage.Open(options);
        Assert.True(second.IsReadOnly);
        Assert.False(second.CanUnmap);
        Assert.Throws<BlockImageException>(() => BlockImage.Open(options with { ReadOnly = false }));
    }

    [Fact]
    public void UnlockedImagesAreTheUsersRisk()
    {
        BlockImageOptions options = Make(1 << 20) with { Lock = false };
        using IBlockBackend first = BlockImage.Open(options);
        using IBlockBackend second = BlockImage.Open(options);
    }

    [Theory]
    [InlineData(512, 1_000_000, 999_936)]
    [InlineData(4096, 1_000_000, 999_424)]
    [InlineData(512, 100, 0)]
    public void TheDiskIsWholeBlocks(int block, int fileLength, int diskLength)
    {
        using IBlockBackend disk = BlockImage.Open(Make(fileLength) with { LogicalBlock = block });
        Assert.Equal(diskLength, disk.Length);
        Assert.Equal(block, disk.LogicalBlock);
        Assert.Equal(4096, disk.PhysicalBlock);
    }

    [Fact]
    public void WhatIsWrongIsSaid()
    {
        BlockImageOptions options = Make(4096);
        Assert.Contains("missing", Assert.Throws<BlockImageException>(
            () => BlockImage.Open(options with { Path = _directory["missing"] })).Message);
        Assert.Throws<BlockImageException>(() => BlockImage.Open(options with { Path = _directory["."] }));
        Assert.Throws<BlockImageException>(() => BlockImage.Open(options with { Path = "/dev/null" }));
        Assert.Contains("1024", Assert.Throws<BlockImageException>(
            () => BlockImage.Open(options with { LogicalBlock = 1024 })).Message);
        Assert.Throws<BlockImageException>(() => BlockImage.Open(options with { Threads = 0 }));
        BlockImage.Open(options).Dispose();
    }

    [Fact]
    public async Task APipeInTheImagesPlaceDoesNotHang()
    {
        string path = _directory["pipe"];
        using (Process make = Process.Start("mkfifo", path))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Throws<BlockImageException>(() => BlockImage.Open(new BlockImageOptions { Path = path, ReadOnly = true }));
    }

    [Fact]
    public void DirectIoOnAMemoryFileSystemWorksOrIsRefusedClearly()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "no memory file system");
        string path = $"/dev/shm/stratovirt-test-{Guid.NewGuid():N}";
        File.WriteAllBytes(path, new byte[8192]);
        try
        {
            BlockImage.Open(new BlockImageOptions { Path = path, Direct = true }).Dispose();
        }
        catch (BlockImageException refused)
        {
            // Before Linux 6.6.
            Assert.Contains("direct I/O", refused.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private BlockImageOptions Make(int length)
    {
        string path = _directory["disk.img"];
        File.WriteAllBytes(path, new byte[length]);
        return new BlockImageOptions { Path = path };
    }
}
