using StratoVirt.Linux.Handles;

namespace StratoVirt.Kvm.Tests;

/// <summary>Counts what the process holds, so nothing else may run beside it.</summary>
[Collection(nameof(ResourceTests))]
[CollectionDefinition(nameof(ResourceTests), DisableParallelization = true)]
public sealed class ResourceTests
{
    [Fact]
    public void DisposingLeavesNoDescriptorAndNoMapping()
    {
        using (new TestGuest([0xf4], irqChip: true))
        {
        }

        (int descriptors, int mappings) before = CountResources();
        for (int i = 0; i < 20; i++)
        {
            using var guest = new TestGuest([0xf4], irqChip: true);
            using EventFd trigger = EventFd.Create();
            guest.Vm.AssignIrqFd(trigger, 5);
            Assert.True(CountResources().Descriptors > before.descriptors);
        }

        // The runtime opens and closes files of its own now and then.
        Assert.True(SpinWait.SpinUntil(() => CountResources().Descriptors <= before.descriptors, TimeSpan.FromSeconds(10)));
        Assert.Equal(before.mappings, CountResources().Mappings);
    }

    private static (int Descriptors, int Mappings) CountResources() =>
        (Directory.GetFileSystemEntries("/proc/self/fd").Length,
         File.ReadLines("/proc/self/maps").Count(line => line.Contains("kvm-vcpu", StringComparison.Ordinal)));
}
