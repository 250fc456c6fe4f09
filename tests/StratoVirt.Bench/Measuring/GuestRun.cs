using System.Diagnostics;
using System.Globalization;
using StratoVirt.Bench.Children;

namespace StratoVirt.Bench.Measuring;

/// <summary>What the benchmark guest says of its work.</summary>
/// <param name="Requests">Requests made.</param>
/// <param name="Bytes">Bytes moved.</param>
/// <param name="Ticks">Time taken, by the time stamp counter.</param>
/// <param name="Elapsed">Time between its first and its last word, as the host saw it.</param>
internal readonly record struct GuestResult(long Requests, long Bytes, double Ticks, TimeSpan Elapsed);

/// <summary>Runs the benchmark guest in a VMM of its own process.</summary>
internal static class GuestRun
{
    private const string Result = "RESULT ";
    private const string Failure = "FAIL ";
    private static readonly TimeSpan PowerOff = TimeSpan.FromSeconds(10);

    /// <summary>Ours.</summary>
    public static GuestResult Ours(string guest, string commandLine, BenchDevice device, TimeSpan limit) => Run(
        Environment.ProcessPath ?? throw new BenchException("The path of this program is not known."),
        ["guest", guest, commandLine, device.ToArgument()],
        commandLine,
        limit);

    /// <summary>The peer's.</summary>
    public static GuestResult Peer(string guest, string commandLine, BenchDevice device, TimeSpan limit) => Run(
        QemuMicroVm.Path,
        QemuMicroVm.GuestArguments(new BootInputs(guest, "", device.PeerCommandLine(commandLine), GuestChild.MemoryMib, ""), device),
        commandLine,
        limit);

    private static GuestResult Run(string program, string[] arguments, string commandLine, TimeSpan limit)
    {
        using var process = new Process { StartInfo = BootRace.Redirected(program, arguments) };
        using var watchdog = new CancellationTokenSource();
        process.Start();
        try
        {
            using CancellationTokenRegistration kill = watchdog.Token.Register(process.Kill);
            watchdog.CancelAfter(limit);
            Task<string> errors = process.StandardError.ReadToEndAsync();
            long begin = Stopwatch.GetTimestamp();
            while (process.StandardOutput.ReadLine() is { } line)
            {
                if (line.Contains("BEGIN", StringComparison.Ordinal))
                {
                    begin = Stopwatch.GetTimestamp();
                }
                else if (line.IndexOf(Result, StringComparison.Ordinal) is >= 0 and int at)
                {
                    TimeSpan elapsed = Stopwatch.GetElapsedTime(begin);

                    // The guest powers off now. A process that is killed leaves the host to close its image's rings and
                    // locks when it finds the time, and the next one would find it locked.
                    process.WaitForExit(PowerOff);
                    return Parse(line[(at + Result.Length)..], elapsed, commandLine);
                }
                else if (line.Contains(Failure, StringComparison.Ordinal))
                {
                    throw new BenchException($"{Path.GetFileName(program)}, '{commandLine}': the guest says {line.Trim()}");
                }
            }

            string reason = watchdog.IsCancellationRequested ? $"nothing in {limit.TotalSeconds:F0} s" : "no result";
            throw new BenchException($"{Path.GetFileName(program)}, '{commandLine}': {reason}. {errors.Result.Trim()}");
        }
        finally
        {
            BootRace.End(process);
        }
    }

    private static GuestResult Parse(string line, TimeSpan elapsed, string commandLine)
    {
        string[] words = line.Split(' ', StringSplitOptions.TrimEntries);
        if (words.Length != 4)
        {
            throw new BenchException($"'{commandLine}': '{line}' is no result.");
        }

        long[] numbers = [.. words.Select(word => long.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture))];
        return numbers[3] == 0
            ? new GuestResult(numbers[0], numbers[1], numbers[2], elapsed)
            : throw new BenchException($"'{commandLine}': {numbers[3]} of {numbers[0]} requests failed or brought wrong data.");
    }
}
