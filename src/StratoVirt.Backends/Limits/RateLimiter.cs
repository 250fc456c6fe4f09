namespace StratoVirt.Backends.Limits;

/// <summary>
/// Holds back requests above a number of bytes or operations a second. One a device, or one for a group of devices,
/// whatever their threads. Without rates it lets everything pass.
/// </summary>
public sealed class RateLimiter
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private TokenBucket? _bytes;
    private TokenBucket? _operations;
    private long _delayed;

    /// <summary>Makes a limiter.</summary>
    /// <param name="bytes">Bytes a second; null for no limit.</param>
    /// <param name="operations">Operations a second; null for no limit.</param>
    /// <param name="time">The clock.</param>
    public RateLimiter(TokenRate? bytes = null, TokenRate? operations = null, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Change(bytes, operations);
    }

    /// <summary>Requests that had to wait.</summary>
    public long Delayed => Interlocked.Read(ref _delayed);

    /// <summary>Changes the rates while requests pass.</summary>
    public void Change(TokenRate? bytes, TokenRate? operations)
    {
        lock (_gate)
        {
            Change(ref _bytes, bytes);
            Change(ref _operations, operations);
        }
    }

    /// <summary>Lets one request pass, or says how long to wait before asking again. Allocates nothing.</summary>
    /// <param name="bytes">Bytes it moves.</param>
    /// <param name="wait">Zero when it passes.</param>
    /// <returns>Whether it passes.</returns>
    public bool TryPass(ulong bytes, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (Volatile.Read(ref _bytes) is null && Volatile.Read(ref _operations) is null)
        {
            return true;
        }

        lock (_gate)
        {
            bool pass = (_bytes?.Has(bytes) ?? true) & (_operations?.Has(1) ?? true);
            if (pass)
            {
                _bytes?.Take(bytes);
                _operations?.Take(1);
                return true;
            }

            TimeSpan forBytes = _bytes?.Wait(bytes) ?? TimeSpan.Zero;
            TimeSpan forOperations = _operations?.Wait(1) ?? TimeSpan.Zero;
            wait = forBytes > forOperations ? forBytes : forOperations;
        }

        Interlocked.Increment(ref _delayed);
        return false;
    }

    private void Change(ref TokenBucket? bucket, TokenRate? rate)
    {
        if (rate is not { } wanted)
        {
            Volatile.Write(ref bucket, null);
        }
        else if (bucket is { } present)
        {
            present.Change(wanted);
        }
        else
        {
            Volatile.Write(ref bucket, new TokenBucket(wanted, _time));
        }
    }
}
