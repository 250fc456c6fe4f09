namespace StratoVirt.Machine.Tests.Native;

/// <summary>Counts what this process holds of the host. Runs alone: other tests open and close things too.</summary>
[Collection(nameof(Alone))]
public sealed class LeakTests
{
    private const int Rounds = 500;

    [KvmFact]
    public void Nothing_is_left_after_500_starts_and_stops()
    {
        // The runtime's own threads and mappings settle in the first rounds.
        Repeat(20);
        Holdings before = Holdings.Count();
        Repeat(Rounds);
        Holdings after = Holdings.Count();

        // Now and then the runtime opens a pair for itself; a leak would be one a round at least.
        Assert.InRange(after.Descriptors, 0, before.Descriptors + 4);
        Assert.Equal(before.KvmDescriptors, after.KvmDescriptors);
        Assert.Equal(before.KvmMappings, after.KvmMappings);
        Assert.InRange(after.Threads, 0, before.Threads + 4);

        // The garbage collector moves its own borders; a leak would be one mapping a round at least.
        Assert.InRange(after.Mappings, 0, before.Mappings + (Rounds / 10));
    }

    private static void Repeat(int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            using var guest = new GuestSession($"round{i}", start: i % 8 != 0);
        }
    }

    private readonly record struct Holdings(int Descriptors, int KvmDescriptors, int Threads, int Mappings, int KvmMappings)
    {
        public static Holdings Count()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            string[] maps = File.ReadAllLines("/proc/self/maps");
            string[] descriptors = Directory.GetFileSystemEntries("/proc/self/fd");
            return new Holdings(
                descriptors.Length,
                descriptors.Count(path => new FileInfo(path).LinkTarget?.Contains("kvm", StringComparison.Ordinal) == true),
                Directory.GetDirectories("/proc/self/task").Length,
                maps.Length,
                maps.Count(line => line.Contains("kvm", StringComparison.Ordinal)));
        }
    }
}

/// <summary>Tests that look at the whole process.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
