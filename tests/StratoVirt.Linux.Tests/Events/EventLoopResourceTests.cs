using StratoVirt.Linux.Events;

namespace StratoVirt.Linux.Tests.Events;

/// <summary>Counts what the process holds, so nothing else may run beside it.</summary>
[Collection(nameof(EventLoopResourceTests))]
[CollectionDefinition(nameof(EventLoopResourceTests), DisableParallelization = true)]
public sealed class EventLoopResourceTests
{
    [Fact]
    public void StartingAndStoppingLeavesNothingBehind()
    {
        new EventLoop("warm-up", Fail).Dispose();
        int descriptors = Count("fd");
        for (int i = 0; i < 50; i++)
        {
            new EventLoop($"round {i}", Fail).Dispose();
        }

        Assert.True(SpinWait.SpinUntil(() => Count("fd") <= descriptors, TimeSpan.FromSeconds(20)));
        Assert.True(SpinWait.SpinUntil(() => !ThreadNames().Any(name => name.StartsWith("round", StringComparison.Ordinal)), TimeSpan.FromSeconds(20)));
    }

    private static int Count(string kind) => Directory.GetFileSystemEntries($"/proc/self/{kind}").Length;

    private static IEnumerable<string> ThreadNames() => Directory.GetDirectories("/proc/self/task").Select(task =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm"));
        }
        catch (IOException)
        {
            return "(ended)";
        }
    });

    private static void Fail(Exception fault) => throw new InvalidOperationException("unexpected", fault);
}
