using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Linux.Tests.Storage;

public sealed class StorageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void ExclusiveLocksKeepEverybodyElseOut()
    {
        using FileDescriptor first = OpenNew();
        using FileDescriptor second = Open(readOnly: false);
        using FileDescriptor reader = Open(readOnly: true);
        Assert.True(FileRangeLock.TryTake(first, exclusive: true));
        Assert.False(FileRangeLock.TryTake(second, exclusive: true));
        Assert.False(FileRangeLock.TryTake(second, exclusive: true, TimeSpan.FromMilliseconds(5)));
        Assert.False(FileRangeLock.TryTake(reader, exclusive: false));
        first.Dispose();
        Assert.True(FileRangeLock.TryTake(second, exclusive: true));
    }

    [Fact]
    public void SharedLocksLetReadersIn()
    {
        using FileDescriptor writer = OpenNew();
        using FileDescriptor first = Open(readOnly: true);
        using FileDescriptor second = Open(readOnly: true);
        Assert.True(FileRangeLock.TryTake(first, exclusive: false));
        Assert.True(FileRangeLock.TryTake(second, exclusive: false));
        Assert.False(FileRangeLock.TryTake(writer, exclusive: true));
    }

    [Fact]
    public void FactsOfAFile()
    {
        using FileDescriptor file = OpenNew();
        file.SetLength(12_345);
        StorageFacts facts = StorageFacts.Of(file);
        Assert.False(facts.IsBlockDevice);
        Assert.Equal(12_345, facts.Length);
        Assert.Equal(512, facts.LogicalBlock);
        file.SetLength(20_000);
        Assert.Equal(20_000, StorageFacts.LengthOf(file));
        Assert.Equal(20_000UL, FileStatus.Of(file).Length);
    }

    [Fact]
    public void ADirectoryIsNoImage()
    {
        using FileDescriptor directory = FileDescriptor.Open(_directory.Path, OpenFlags.ReadOnly);
        Assert.Throws<LinuxException>(() => StorageFacts.Of(directory));
    }

    [Fact]
    public void ACallOnAFileIsMadeByTheThread()
    {
        using FileDescriptor file = OpenNew();
        using MemoryMapping memory = MemoryMapping.CreateAnonymous(4096);
        var piece = new IoVector(memory.Address, 1000);
        piece.Span.Fill(9);
        Assert.Equal(1000, FileCall.Write(piece, 24, durable: true).Execute(file));
        Assert.Equal(0, FileCall.SyncData().Execute(file));
        piece.Span.Clear();
        Assert.Equal(1000, FileCall.Read(piece, 24).Execute(file));
        Assert.Equal(9, piece.Span[999]);
        Assert.Equal(0, FileCall.Read(piece, 1024).Execute(file));
        using FileDescriptor readOnly = Open(readOnly: true);
        Assert.Equal(-(int)Errno.BadDescriptor, FileCall.Write(piece, 0, durable: false).Execute(readOnly));
    }

    [Fact]
    public void DirectIoSaysItsAlignment()
    {
        OpenNew().Dispose();
        FileDescriptor? file = StorageFacts.TryOpen(_directory["file"], readOnly: true, direct: true, out Errno errno);
        Assert.SkipWhen(errno == Errno.InvalidArgument, "no direct I/O on this file system");
        using FileDescriptor opened = file!;
        DirectIo direct = DirectIo.Of(opened);
        Assert.True(int.IsPow2(direct.Memory) && int.IsPow2(direct.Offset));
    }

    [Fact]
    public void PartsOfVectorsStayInside()
    {
        var vector = new IoVector(0x1000, 100);
        Assert.Equal(0x1010, vector.Slice(16, 84).Address);
        Assert.Throws<ArgumentOutOfRangeException>(() => vector.Slice(16, 85));
        Assert.Throws<ArgumentOutOfRangeException>(() => vector.Slice(101, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IoVector(0, -1));
    }

    private FileDescriptor OpenNew() =>
        FileDescriptor.Open(_directory["file"], OpenFlags.ReadWrite | OpenFlags.Create, 0x180);

    private FileDescriptor Open(bool readOnly)
    {
        FileDescriptor? file = StorageFacts.TryOpen(_directory["file"], readOnly, direct: false, out Errno errno);
        Assert.Equal(Errno.None, errno);
        return file!;
    }
}
