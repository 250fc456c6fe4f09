using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Traps;

namespace StratoVirt.Linux.Tests.Traps;

public sealed class LostPageTrapTests : IDisposable
{
    private const int Page = 4096;
    private const int Pages = 256;
    private const byte Content = 0x5A;

    private readonly TemporaryDirectory _directory = new();
    private readonly FileDescriptor _file;

    public LostPageTrapTests()
    {
        Assert.SkipUnless(LostPageTrap.IsSupported, "there is no handler for this architecture");
        byte[] content = new byte[Pages * Page];
        content.AsSpan().Fill(Content);
        File.WriteAllBytes(_directory["file"], content);
        _file = FileDescriptor.Open(_directory["file"], OpenFlags.ReadWrite);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_page_its_file_has_lost_becomes_memory(bool isPrivate)
    {
        using MemoryMapping mapping = isPrivate
            ? MemoryMapping.CreatePrivate(_file, Pages * Page)
            : MemoryMapping.CreateShared(_file, Pages * Page);
        mapping.GuardLostPages();
        Assert.Equal(Content, Marshal.ReadByte(mapping.Address, (Pages * Page) - 1));
        _file.SetLength(Page + 10);
        Assert.False(mapping.HasLostPages);
        Assert.Equal(Content, Marshal.ReadByte(mapping.Address, Page - 1));
        Assert.Equal(0, Marshal.ReadByte(mapping.Address, Page + 10));
        Assert.False(mapping.HasLostPages);
        Assert.Equal(0, Marshal.ReadInt64(mapping.Address, 2 * Page));
        Assert.True(mapping.HasLostPages);
        Marshal.WriteInt64(mapping.Address, (Pages * Page) - 8, 7);
        Assert.Equal(7, Marshal.ReadInt64(mapping.Address, (Pages * Page) - 8));
        Assert.Equal(Page + 10UL, FileStatus.Of(_file).Length);
    }

    [Fact]
    public void Many_threads_may_meet_the_end_of_many_files()
    {
        _file.SetLength(0);
        Parallel.For(0, 200, _ =>
        {
            using MemoryMapping mapping = MemoryMapping.CreateShared(_file, Pages * Page);
            mapping.GuardLostPages();
            Parallel.For(0, Pages, page => Marshal.WriteInt64(mapping.Address, page * Page, page));
            Assert.True(mapping.HasLostPages);
            for (int page = 0; page < Pages; page++)
            {
                Assert.Equal(page, Marshal.ReadInt64(mapping.Address, page * Page));
            }
        });
    }

    [Fact]
    public void A_mapping_that_nobody_guards_ends_the_process_as_ever()
    {
        (int exitCode, string output) = OtherProcess.Run("lost-page", _directory["file"]);
        Assert.InRange(exitCode, 129, 159);
        Assert.Empty(output);
    }

    [Fact]
    public void Places_are_used_again_and_have_an_end()
    {
        var table = new LostPageTable();
        ulong added = 0;
        Action fill = () =>
        {
            for (; ; added++)
            {
                table.Add((added + 1) * Page, (added + 2) * Page);
            }
        };
        Assert.Equal(Errno.NoSpace, Assert.Throws<LinuxException>(fill).Errno);
        Assert.InRange(added, 2000UL, 3000UL);
        table.Remove(5 * Page);
        table.Remove(5 * Page);
        table.Add(1UL << 40, (1UL << 40) + Page);
        Assert.False(table.HasLost(1UL << 40));
        Assert.Throws<LinuxException>(fill);
    }
}
