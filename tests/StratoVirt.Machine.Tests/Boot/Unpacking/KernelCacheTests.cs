using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.Images;
using StratoVirt.Machine.Boot.Unpacking;

namespace StratoVirt.Machine.Tests.Boot.Unpacking;

public sealed class KernelCacheTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("kernel-cache-").FullName;

    private string Cache => Path.Combine(_root, "cache");

    [Fact]
    public void The_second_start_reads_what_the_first_has_kept()
    {
        Assert.Equal(KernelBuilder.LoadAddress + 0x20, Open().PvhEntry);
        string entry = Assert.Single(Directory.GetFiles(Cache));
        DateTime old = DateTime.UtcNow.AddDays(-2);
        File.SetLastWriteTimeUtc(entry, old);
        Assert.Equal(KernelBuilder.LoadAddress + 0x20, Open().PvhEntry);
        Assert.Equal(entry, Assert.Single(Directory.GetFiles(Cache)));
        Assert.True(File.GetLastWriteTimeUtc(entry) > old, "a use was not noted");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(entry));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Cache));
    }

    public static TheoryData<string> Damages => new("empty", "cut", "header", "length", "elf");

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_entry_is_made_again(string damage)
    {
        _ = Open();
        string entry = Assert.Single(Directory.GetFiles(Cache));
        byte[] sound = File.ReadAllBytes(entry);
        byte[] damaged = damage switch
        {
            "empty" => [],
            "cut" => sound[..^1],
            "length" => [.. sound, 0],
            _ => (byte[])sound.Clone(),
        };
        switch (damage)
        {
            case "header":
                damaged[20] ^= 1;
                break;
            case "elf":
                damaged.AsSpan(KernelCacheHeader.Length, 64).Clear();
                break;
        }

        File.WriteAllBytes(entry, damaged);
        Assert.Equal(KernelBuilder.LoadAddress + 0x20, Open().PvhEntry);
        Assert.True(sound.AsSpan().SequenceEqual(File.ReadAllBytes(Assert.Single(Directory.GetFiles(Cache)))));
    }

    [Fact]
    public void A_directory_that_cannot_be_written_only_costs_the_cache()
    {
        File.WriteAllText(Cache, "a file where the directory should be");
        Assert.Equal(KernelBuilder.LoadAddress + 0x20, Open().PvhEntry);
    }

    [Fact]
    public void Old_entries_and_abandoned_files_go()
    {
        Directory.CreateDirectory(Cache);
        for (int i = 0; i < 20; i++)
        {
            string path = Path.Combine(Cache, $"{i:x64}.vmlinux");
            File.WriteAllText(path, "old");
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-i - 1));
        }

        string abandoned = Path.Combine(Cache, $"{0:x64}.vmlinux.x.tmp");
        File.WriteAllText(abandoned, "abandoned");
        File.SetLastWriteTimeUtc(abandoned, DateTime.UtcNow.AddHours(-2));
        _ = Open();
        Assert.Equal(16, Directory.GetFiles(Cache).Length);
        Assert.False(File.Exists(abandoned));
    }

    [Fact]
    public void Many_starts_at_once_agree()
    {
        Parallel.For(0, 8, _ => Assert.Equal(KernelBuilder.LoadAddress + 0x20, Open().PvhEntry));
        Assert.Single(Directory.GetFiles(Cache));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private ElfKernel Open()
    {
        string kernel = Path.Combine(_root, $"vmlinuz-{Guid.NewGuid():N}");
        File.WriteAllBytes(kernel, KernelBuilder.BzImage(Payloads.Gzip(KernelBuilder.SimpleElf(true))));
        using KernelImage image = KernelImage.Open(kernel, new KernelCache(Cache));
        return Assert.IsType<ElfKernel>(image);
    }
}
