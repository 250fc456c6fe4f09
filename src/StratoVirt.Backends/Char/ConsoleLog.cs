using System.Text;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Backends.Char;

/// <summary>
/// Copies a console's output to a file from a thread of its own, so that no vCPU ever waits for a disk. While the
/// file cannot be written the machine runs on and the log tries again; what the console buffer has forgotten by then
/// is noted in the log as lost.
/// </summary>
public sealed class ConsoleLog : IDisposable
{
    private const int ChunkSize = 16 << 10;

    /// <summary>The thread calls the file system and little else.</summary>
    private const int StackSize = 256 << 10;

    /// <summary>Output is gathered this long, to spare a guest that prints byte by byte a file write for each.</summary>
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(10);

    /// <summary>A disk that does not answer for so long keeps its thread; the machine's end does not wait for it.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly ConsoleBuffer _source;
    private readonly ConsoleLogFile _file;
    private readonly TimeSpan _retryInterval;
    private readonly CancellationTokenSource _stop = new();

    // Pinned, it stays where it is made: pages of it that were never filled take no memory. Made by the thread that makes
    // this, because the collector asks the kernel for the number of one that makes such an object, and the log may not.
    private readonly byte[] _chunk = GC.AllocateUninitializedArray<byte>(ChunkSize, pinned: true);
    private readonly Thread _thread;
    private readonly IThreadGuard? _guard;
    private long _written;
    private long _lost;
    private volatile string? _problem;
    private int _disposed;

    private ConsoleLog(ConsoleBuffer source, ConsoleLogFile file, TimeSpan retryInterval, IThreadGuard? guard)
    {
        _source = source;
        _file = file;
        _retryInterval = retryInterval;
        _guard = guard;
        _thread = new Thread(Run, StackSize) { IsBackground = true, Name = "strato-log" };
    }

    /// <summary>How it fares.</summary>
    public ConsoleLogStatus Status => new(Volatile.Read(ref _written), Volatile.Read(ref _lost), _problem);

    /// <summary>Opens the file, made if missing and readable by its owner only, and appends to it from now on.</summary>
    /// <param name="source">The console.</param>
    /// <param name="path">The file. Full, it becomes <paramref name="path"/><c>.1</c>, replacing the one before.</param>
    /// <param name="limit">Bytes at which it is full, at least 4096.</param>
    /// <param name="guard">Told by the thread what it is for; null where nobody asks.</param>
    /// <exception cref="Linux.LinuxException">The file cannot be opened.</exception>
    public static ConsoleLog Open(ConsoleBuffer source, string path, long limit, IThreadGuard? guard = null) =>
        Open(source, path, limit, TimeSpan.FromSeconds(1), guard);

    internal static ConsoleLog Open(
        ConsoleBuffer source, string path, long limit, TimeSpan retryInterval, IThreadGuard? guard = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(path);
        const int SmallestLimit = 4096;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, SmallestLimit);
        ConsoleLog log = new(source, new ConsoleLogFile(path, limit), retryInterval, guard);
        log._thread.Start();
        return log;
    }

    /// <summary>Writes what the console still holds, flushes and closes the file, and ends the thread.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _stop.Cancel();
        if (_thread.Join(CloseTimeout))
        {
            _stop.Dispose();
        }
        else
        {
            _problem = "The file system has stopped answering.";
        }
    }

    private void Run()
    {
        _guard?.Enter(ThreadRole.Log);
        long position = 0;
        bool open = true;
        while (open)
        {
            // What was printed before the last wait ended is still drained.
            open = WaitForBatch(position);
            Drain(ref position, _chunk);
        }

        Close();
    }

    private bool WaitForBatch(long position)
    {
        try
        {
            if (!_source.WaitForOutput(position, Timeout.InfiniteTimeSpan, _stop.Token))
            {
                return false;
            }

            // Well before the buffer laps.
            int batch = Math.Min(ChunkSize, _source.Capacity / 4);
            _source.WaitForOutput(position + batch, GatherTime, _stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Drain(ref long position, byte[] chunk)
    {
        long expected = position;
        int count;
        while ((count = _source.Read(ref position, chunk)) > 0)
        {
            long skipped = position - count - expected;
            expected = position;
            if (skipped > 0)
            {
                Interlocked.Add(ref _lost, skipped);
                Append(Encoding.ASCII.GetBytes($"\n[console log: {skipped} bytes lost here]\n"));
            }

            int appended = Append(chunk.AsSpan(0, count));
            Interlocked.Add(ref _written, appended);
            Interlocked.Add(ref _lost, count - appended);
        }
    }

    /// <summary>Writes, trying again for as long as the log is open; returns how much was written when it was closed.</summary>
    private int Append(ReadOnlySpan<byte> data)
    {
        int appended = 0;
        while (appended < data.Length)
        {
            try
            {
                appended += _file.Append(data[appended..]);
                _problem = null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _problem = e.Message;
                if (_stop.Token.WaitHandle.WaitOne(_retryInterval))
                {
                    break;
                }
            }
        }

        return appended;
    }

    private void Close()
    {
        try
        {
            _file.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _problem = e.Message;
        }

        _file.Dispose();
    }
}
