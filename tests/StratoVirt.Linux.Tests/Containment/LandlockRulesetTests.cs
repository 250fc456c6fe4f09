using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Containment.Landlock;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests.Containment;

public sealed class LandlockRulesetTests
{
    private const LandlockAccess All = (LandlockAccess)((ulong)LandlockAccess.ControlDevice * 2 - 1);

    [Fact]
    public void OnlyWhatIsAllowedCanBeOpened()
    {
        SkipWithout();
        using var directory = new TemporaryDirectory();
        string open = Directory.CreateDirectory(Path.Combine(directory.Path, "open")).FullName;
        string single = Path.Combine(directory.Path, "single");
        File.WriteAllText(single, "text");
        File.WriteAllText(Path.Combine(open, "inside"), "text");
        OwnThread.Run(() =>
        {
            using (LandlockRuleset rules = LandlockRuleset.TryCreate()!)
            {
                rules.Allow(open, All & ~LandlockAccess.Execute);
                rules.Allow(single, All & ~LandlockAccess.WriteFile);
                ThreadPrivileges.ForbidNew();
                rules.RestrictThread();
            }

            Assert.Equal(Errno.None, TryOpen(Path.Combine(open, "inside"), OpenFlags.ReadWrite));
            Assert.Equal(Errno.None, TryOpen(Path.Combine(open, "new"), OpenFlags.WriteOnly | OpenFlags.Create));
            Assert.Equal(Errno.None, TryOpen(single, OpenFlags.ReadOnly));
            Assert.Equal(Errno.AccessDenied, TryOpen(single, OpenFlags.WriteOnly));
            Assert.Equal(Errno.AccessDenied, TryOpen("/etc/hostname", OpenFlags.ReadOnly));
            Assert.Equal(Errno.AccessDenied, TryOpen(Path.Combine(directory.Path, "new"), OpenFlags.WriteOnly | OpenFlags.Create));
        });
        Assert.Equal(Errno.None, TryOpen(single, OpenFlags.ReadWrite));
    }

    [Fact]
    public void AnEmptyRulesetLeavesOpenDescriptorsAlone()
    {
        SkipWithout();
        using var directory = new TemporaryDirectory();
        string path = Path.Combine(directory.Path, "file");
        File.WriteAllText(path, "text");
        using FileDescriptor file = FileDescriptor.Open(path, OpenFlags.ReadOnly);
        OwnThread.Run(() =>
        {
            using (LandlockRuleset rules = LandlockRuleset.TryCreate()!)
            {
                ThreadPrivileges.ForbidNew();
                rules.RestrictThread();
            }

            Assert.Equal(Errno.AccessDenied, TryOpen(path, OpenFlags.ReadOnly));
            Assert.Equal(Errno.None, file.ReadAt(new byte[4], 0, out int count));
            Assert.Equal(4, count);
        });
    }

    [Fact]
    public void APathThatIsNotThereIsAnError()
    {
        SkipWithout();
        using LandlockRuleset rules = LandlockRuleset.TryCreate()!;
        Assert.Equal(Errno.NoEntry, Assert.Throws<LinuxException>(() => rules.Allow("/nowhere/at/all", All)).Errno);
    }

    private static Errno TryOpen(string path, OpenFlags flags)
    {
        FileDescriptor.TryOpen(path, flags, 0x180, out Errno errno)?.Dispose();
        return errno;
    }

    private static void SkipWithout() => Assert.SkipWhen(LandlockRuleset.KernelVersion == 0, "this kernel has no Landlock");
}
