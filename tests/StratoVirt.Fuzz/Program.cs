using System.Diagnostics;
using System.Globalization;
using SharpFuzz;

namespace StratoVirt.Fuzz;

/// <summary>
/// <c>--list</c> names the targets; <c>TARGET</c> alone reads inputs as afl-fuzz feeds them (instrument the assemblies with <c>sharpfuzz</c> first);
/// <c>TARGET FILE…</c> replays files; <c>TARGET --seeds DIRECTORY</c> writes the seeds; <c>TARGET --for SECONDS
/// [SEED [DIRECTORY]]</c> mutates the seeds blindly, for machines without a fuzzer, and leaves what was found in the
/// directory.
/// </summary>
internal static class Program
{
    // No input may keep a target busy for so long, on however slow a machine.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static int Main(string[] args)
    {
        if (args is ["--list"])
        {
            foreach (FuzzTarget known in FuzzTargets.All)
            {
                Console.WriteLine(known.Name);
            }

            return 0;
        }

        FuzzTarget? target = args.Length > 0 ? FuzzTargets.All.FirstOrDefault(candidate => candidate.Name == args[0]) : null;
        if (target is null)
        {
            Console.Error.WriteLine("usage: TARGET [FILE… | --seeds DIRECTORY | --for SECONDS [SEED [DIRECTORY]]]");
            Console.Error.WriteLine($"targets: {string.Join(", ", FuzzTargets.All.Select(candidate => candidate.Name))}");
            return 2;
        }

        switch (args[1..])
        {
            case []:
                Fuzzer.OutOfProcess.Run(stream => target.Run(ReadAll(stream)));
                break;
            case ["--seeds", string directory]:
                WriteSeeds(target, directory);
                break;
            case ["--for", string seconds, .. string[] more]:
                MutateFor(
                    target,
                    TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)),
                    more.Length > 0 ? int.Parse(more[0], CultureInfo.InvariantCulture) : Environment.TickCount,
                    more.Length > 1 ? more[1] : Environment.CurrentDirectory);
                break;
            case string[] files:
                foreach (string file in files)
                {
                    target.Run(File.ReadAllBytes(file));
                }

                break;
        }

        return 0;
    }

    private static void WriteSeeds(FuzzTarget target, string directory)
    {
        Directory.CreateDirectory(directory);
        int number = 0;
        foreach (byte[] input in target.Seeds())
        {
            File.WriteAllBytes(Path.Combine(directory, $"{target.Name}-{number++}"), input);
        }
    }

    private static void MutateFor(FuzzTarget target, TimeSpan time, int seed, string directory)
    {
        byte[][] seeds = [.. target.Seeds()];
        Random random = new(seed);
        Stopwatch watch = Stopwatch.StartNew();
        long runs = 0;
        TimeSpan slowest = TimeSpan.Zero;
        using Timer watchdog = new(_ => Environment.FailFast($"{target.Name}: seed {seed}, run {runs} does not end."));
        while (watch.Elapsed < time)
        {
            byte[] input = Mutate(seeds[random.Next(seeds.Length)], random);
            TimeSpan started = watch.Elapsed;
            watchdog.Change(Patience, Timeout.InfiniteTimeSpan);
            try
            {
                target.Run(input);
            }
            catch
            {
                string path = Path.Combine(directory, $"crash-{target.Name}-{seed}-{runs}");
                File.WriteAllBytes(path, input);
                Console.Error.WriteLine($"seed {seed}, run {runs}: the input is in {path}");
                throw;
            }

            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, (watch.Elapsed - started).Ticks));
            runs++;
        }

        if (target.Steps is { } steps)
        {
            Console.WriteLine($"{target.Name}: {steps()} steps, {steps() / watch.Elapsed.TotalSeconds:F0} a second{target.Tell?.Invoke()}");
        }

        Console.WriteLine($"{target.Name}: {runs} runs, slowest {slowest.TotalMilliseconds:F0} ms, seed {seed}");
    }

    // Bytes, words of interesting values, cuts and copies, most of them near the start where headers are.
    private static byte[] Mutate(byte[] seed, Random random)
    {
        List<byte> bytes = [.. seed];
        for (int change = random.Next(1, 8); change > 0 && bytes.Count > 8; change--)
        {
            int at = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Count, 0x300) - 8 : bytes.Count - 8);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    byte value = random.Next(2) == 0 ? (byte)0xFF : (byte)0;
                    for (int i = 0; i < 1 << random.Next(4); i++)
                    {
                        bytes[at + i] = value;
                    }

                    break;
                case 3:
                    BitConverter.GetBytes(random.NextInt64() >> random.Next(64)).CopyTo(bytes, at);
                    break;
                case 4:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 64)));
                    break;
                default:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, 8));
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] ReadAll(Stream stream)
    {
        using MemoryStream memory = new();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}

file static class ListExtensions
{
    public static void CopyTo(this byte[] source, List<byte> target, int at)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[at + i] = source[i];
        }
    }
}
