using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests.Handles;

public sealed class FileDescriptorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        using FileDescriptor file = FileDescriptor.Open(_directory["f"], OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        Assert.Equal(Errno.None, file.Write("hello"u8, out int count));
        Assert.Equal(5, count);
        Assert.Equal(Errno.None, file.WriteAt("J"u8, 0, out count));
        Assert.Equal(1, count);
        Assert.Equal(Errno.None, file.WriteAll(" world"u8));
        file.Sync();

        byte[] buffer = new byte[32];
        Assert.Equal(Errno.None, file.ReadAt(buffer, 0, out count));
        Assert.Equal("Jello world"u8, buffer.AsSpan(0, count));
        Assert.Equal(Errno.None, file.ReadAt(buffer, 6, out count));
        Assert.Equal("world"u8, buffer.AsSpan(0, count));
        Assert.Equal(Errno.None, file.Read(buffer, out count));
        Assert.Equal(0, count);
        FileDescriptor.SyncDirectory(_directory.Path);
    }

    [Fact]
    public void AppendingGoesToTheEnd()
    {
        File.WriteAllText(_directory["log"], "one ");
        using (FileDescriptor log = FileDescriptor.Open(_directory["log"], OpenFlags.WriteOnly | OpenFlags.Append))
        {
            Assert.Equal(Errno.None, log.WriteAll("two"u8));
        }

        Assert.Equal("one two", File.ReadAllText(_directory["log"]));
    }

    [Fact]
    public void ErrorsAreReturnedOrNamed()
    {
        using FileDescriptor readOnly = FileDescriptor.Open("/proc/self/status", OpenFlags.ReadOnly);
        Assert.Equal(Errno.BadDescriptor, readOnly.Write("x"u8, out int count));
        Assert.Equal(0, count);

        Assert.Null(FileDescriptor.TryOpen(_directory["missing"], OpenFlags.ReadOnly, 0, out Errno errno));
        Assert.Equal(Errno.NoEntry, errno);
        LinuxException refused =
            Assert.Throws<LinuxException>(() => FileDescriptor.Open(_directory["missing"], OpenFlags.ReadOnly));
        Assert.Contains(_directory["missing"], refused.Message, StringComparison.Ordinal);
        refused = Assert.Throws<LinuxException>(() => FileDescriptor.SyncDirectory(_directory["missing"]));
        Assert.Equal("open", refused.Operation);
    }

    [Fact]
    public void EmptyBuffersAreLegal()
    {
        using FileDescriptor file = FileDescriptor.Open(_directory["f"], OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        Assert.Equal(Errno.None, file.Write([], out int count));
        Assert.Equal(0, count);
        Assert.Equal(Errno.None, file.Read([], out count));
        Assert.Equal(Errno.None, file.WriteAll([]));
    }

    [Fact]
    public void ALockIsHeldByOneOpenFileAtATime()
    {
        using FileDescriptor first = FileDescriptor.Open(_directory["l"], OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        using FileDescriptor second = FileDescriptor.Open(_directory["l"], OpenFlags.ReadWrite);
        Assert.True(first.TryLockExclusive());
        Assert.False(second.TryLockExclusive());
        first.Dispose();
        Assert.True(second.TryLockExclusive());
    }

    [Fact]
    public void ALengthIsSetAndReadsAsZero()
    {
        using FileDescriptor file = FileDescriptor.Open(_directory["f"], OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        file.SetLength(4096);
        byte[] buffer = new byte[8192];
        Assert.Equal(Errno.None, file.ReadAt(buffer, 0, out int count));
        Assert.Equal(4096, count);
        Assert.Throws<LinuxException>(() => file.SetLength(-1));
    }

    [Fact]
    public void DescriptorsAreClosedOnDispose()
    {
        FileDescriptor file = FileDescriptor.Open("/dev/null", OpenFlags.ReadOnly);
        string link = $"/proc/self/fd/{file.Number}";
        Assert.Equal("/dev/null", new FileInfo(link).LinkTarget);
        file.Dispose();
        Assert.NotEqual("/dev/null", new FileInfo(link).LinkTarget);
    }
}
