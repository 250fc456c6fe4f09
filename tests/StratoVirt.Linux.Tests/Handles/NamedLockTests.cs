using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests.Handles;

/// <summary>One idea of a lock file, for machines and for the store.</summary>
public sealed class NamedLockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string LockPath => _directory["lock"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void It_is_held_by_one_until_given_back()
    {
        Assert.Equal(NamedLockOutcome.Taken, NamedLock.TryTake(LockPath, create: true, out NamedLock? first));
        Assert.Equal(NamedLockOutcome.Held, NamedLock.TryTake(LockPath, create: true, out NamedLock? second));
        Assert.Null(second);
        first!.Dispose();
        first.Dispose();
        Assert.True(first.IsDisposed);
        Assert.Equal(NamedLockOutcome.Taken, NamedLock.TryTake(LockPath, create: false, out second));
        second!.Dispose();
    }

    [Fact]
    public void Without_a_file_nobody_holds_it()
    {
        Assert.Equal(NamedLockOutcome.Absent, NamedLock.TryTake(LockPath, create: false, out _));
        Assert.Equal(NamedLockOutcome.Absent, NamedLock.Take(LockPath, create: false, TimeSpan.FromMinutes(1), out _));
        Assert.Equal(NamedLockOutcome.Absent, NamedLock.TryTake(Path.Combine(LockPath, "below"), create: true, out _));
    }

    [Fact]
    public void A_holder_whose_file_was_deleted_keeps_nobody_out()
    {
        NamedLock.TryTake(LockPath, create: true, out NamedLock? first);
        Assert.True(first!.IsNamed);
        File.Delete(LockPath);
        Assert.False(first.IsNamed);
        Assert.Equal(NamedLockOutcome.Taken, NamedLock.TryTake(LockPath, create: true, out NamedLock? second));
        Assert.True(second!.IsNamed);
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public void Whoever_waits_gets_it_when_it_is_given_back()
    {
        NamedLock.TryTake(LockPath, create: true, out NamedLock? first);
        int attempts = 0;
        NamedLockOutcome outcome = NamedLock.Take(LockPath, create: true, TimeSpan.FromMinutes(1), out NamedLock? second, held =>
        {
            Assert.Equal(NamedLockOutcome.Held, held);
            if (++attempts == 3)
            {
                first!.Dispose();
            }

            return false;
        });
        Assert.Equal((NamedLockOutcome.Taken, 3), (outcome, attempts));
        second!.Dispose();
    }

    [Fact]
    public void Waiting_ends_with_patience_or_with_an_answer()
    {
        NamedLock.TryTake(LockPath, create: true, out NamedLock? first);
        Assert.Equal(NamedLockOutcome.Held, NamedLock.Take(LockPath, create: true, TimeSpan.Zero, out NamedLock? none));
        Assert.Null(none);
        Assert.Equal(NamedLockOutcome.Held, NamedLock.Take(LockPath, create: true, TimeSpan.FromMinutes(1), out none, _ => true));
        Assert.Null(none);
        first!.Dispose();
    }
}
