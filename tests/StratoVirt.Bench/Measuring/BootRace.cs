using System.Diagnostics;
using StratoVirt.Bench.Children;

namespace StratoVirt.Bench.Measuring;

/// <summary>Two VMMs on the same inputs, one after the other by turns, each timed from before its process exists to its
/// first boot mark.</summary>
internal static class BootRace
{
    /// <summary>The mark of the guest that does nothing else.</summary>
    public const byte FirstMark = 0x01;

    /// <summary>Takes the samples.</summary>
    /// <param name="ours">Inputs for our child.</param>
    /// <param name="qemuArguments">Arguments for QEMU.</param>
    /// <param name="mark">The mark to come; another one would be of a moment that is not meant.</param>
    /// <param name="samples">Samples of each, after one of each that is thrown away.</param>
    /// <param name="limit">Longest a single boot may take.</param>
    public static PairedSamples Run(BootInputs ours, string[] qemuArguments, byte mark, int samples, TimeSpan limit)
    {
        string self = Environment.ProcessPath ?? throw new BenchException("The path of this program is not known.");
        string[] ourArguments = ["boot", .. ours.ToArguments()];
        return Run(() => TimeToMark(self, ourArguments, mark, limit), qemuArguments, mark, samples, limit);
    }

    /// <summary>Takes the samples.</summary>
    /// <param name="ours">Times one boot of ours, in ms.</param>
    /// <param name="qemuArguments">Arguments for QEMU.</param>
    /// <param name="mark">The mark to come; another one would be of a moment that is not meant.</param>
    /// <param name="samples">Samples of each, after one of each that is thrown away.</param>
    /// <param name="limit">Longest a single boot may take.</param>
    public static PairedSamples Run(Func<double> ours, string[] qemuArguments, byte mark, int samples, TimeSpan limit)
    {
        string qemu = QemuMicroVm.Path;
        var paired = new PairedSamples();
        for (int i = 0; i <= samples; i++)
        {
            double our = ours();
            double peer = TimeToMark(qemu, qemuArguments, mark, limit);
            Console.Error.WriteLine($"  {(i == 0 ? "warm-up" : i)}: ours {our:F1} ms, {QemuMicroVm.Name} {peer:F1} ms");
            if (i > 0)
            {
                paired.Add(our, peer);
            }
        }

        return paired;
    }

    private static double TimeToMark(string program, string[] arguments, byte mark, TimeSpan limit)
    {
        using var process = new Process { StartInfo = Redirected(program, arguments) };
        using var watchdog = new CancellationTokenSource();
        var buffer = new byte[1];
        long start = Stopwatch.GetTimestamp();
        process.Start();
        try
        {
            // A plain blocking read: it wakes this thread as soon as the byte is there. The watchdog kills the process,
            // which ends the read.
            using CancellationTokenRegistration kill = watchdog.Token.Register(process.Kill);
            watchdog.CancelAfter(limit);
            int read = process.StandardOutput.BaseStream.Read(buffer, 0, 1);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (read == 1 && buffer[0] != mark)
            {
                throw new BenchException($"{program} gave the mark {buffer[0]:X2} where {mark:X2} was to come.");
            }

            return read == 1
                ? elapsed.TotalMilliseconds
                : throw new BenchException($"{program} gave no mark in {elapsed.TotalSeconds:F0} s: {ErrorOf(process)}");
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>A process with its three streams on pipes.</summary>
    public static ProcessStartInfo Redirected(string program, string[] arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    /// <summary>Ends a process at once and waits for its end.</summary>
    public static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It had ended by itself.
        }

        process.WaitForExit();
    }

    private static string ErrorOf(Process process)
    {
        End(process);
        string error = process.StandardError.ReadToEnd().Trim();
        return error.Length == 0 ? "it said nothing" : error;
    }
}
