using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using StratoVirt.Definitions;
using StratoVirt.Machine.Detached;

namespace StratoVirt.Bench.Measuring;

/// <summary>A machine in the real host program, started as <c>Start-StratoVm -Detached</c> starts it, with its serial port
/// on a pipe.</summary>
internal sealed class DetachedRun : IDisposable
{
    private readonly string _runtime;
    private readonly AnonymousPipeServerStream _serial;
    private readonly DetachedHost _host;

    private DetachedRun(string runtime, AnonymousPipeServerStream serial, DetachedHost host, double toFirstByte)
    {
        _runtime = runtime;
        _serial = serial;
        _host = host;
        ToFirstByte = toFirstByte;
    }

    /// <summary>Its process.</summary>
    public int ProcessId => _host.ProcessId;

    /// <summary>Time from before the order was written to the first byte out of the serial port, in ms.</summary>
    public double ToFirstByte { get; }

    /// <summary>Starts a machine and waits for the first byte.</summary>
    /// <param name="program">The host program.</param>
    /// <param name="definition">The machine.</param>
    /// <param name="limit">Longest it may take.</param>
    public static DetachedRun Start(string program, VmDefinition definition, TimeSpan limit)
    {
        string runtime = Directory.CreateTempSubdirectory("stratovirt-bench-").FullName;
        var serial = new AnonymousPipeServerStream(PipeDirection.In);
        DetachedHost? host = null;
        try
        {
            // The host opens the pipe by the name that it has here.
            string end = string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{serial.GetClientHandleAsString()}");
            var order = new HostOrder { Definition = definition, BaseDirectory = "/", RuntimeRoot = runtime, SerialFile = end };
            long first = 0;
            var reader = new Thread(() => first = serial.ReadByte() < 0 ? 0 : Stopwatch.GetTimestamp()) { IsBackground = true };
            reader.Start();
            long start = Stopwatch.GetTimestamp();
            host = DetachedHost.Start(program, order, kernelCache: null);
            if (!reader.Join(limit) || first == 0)
            {
                throw new BenchException($"{program} gave no mark in {limit.TotalSeconds:F0} s.");
            }

            return new DetachedRun(runtime, serial, host, Stopwatch.GetElapsedTime(start, first).TotalMilliseconds);
        }
        catch
        {
            host?.Dispose();
            serial.Dispose();
            Directory.Delete(runtime, recursive: true);
            throw;
        }
    }

    /// <summary>Reads on until a text has come.</summary>
    public void Await(char last)
    {
        int read;
        while ((read = _serial.ReadByte()) != last)
        {
            if (read < 0)
            {
                throw new BenchException($"The machine ended before it said '{last}'.");
            }
        }
    }

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        _host.Dispose();
        _serial.Dispose();
        Directory.Delete(_runtime, recursive: true);
    }
}
