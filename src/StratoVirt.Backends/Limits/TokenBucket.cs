namespace StratoVirt.Backends.Limits;

/// <summary>
/// A token bucket: tokens flow in at a rate up to one second's worth, requests take them out. A request larger than the
/// bucket passes when the bucket is full and leaves a debt, so that none waits for ever. Not thread-safe.
/// </summary>
internal sealed class TokenBucket
{
    private readonly TimeProvider _time;
    private TokenRate _rate;
    private double _tokens;
    private ulong _burst;
    private long _filledAt;

    public TokenBucket(TokenRate rate, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rate.PerSecond);
        _time = time;
        _rate = rate;
        _tokens = rate.PerSecond;
        _burst = rate.Burst;
        _filledAt = time.GetTimestamp();
    }

    /// <summary>Changes the rate; the level stays, cut to the new size, and the burst is granted anew.</summary>
    public void Change(TokenRate rate)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rate.PerSecond);
        Fill();
        _rate = rate;
        _tokens = Math.Min(_tokens, rate.PerSecond);
        _burst = rate.Burst;
    }

    /// <summary>Whether so many tokens could be taken now.</summary>
    public bool Has(ulong tokens)
    {
        Fill();
        return _burst >= tokens || _tokens >= Math.Min(tokens, _rate.PerSecond);
    }

    /// <summary>Takes tokens that <see cref="Has"/> has just said are there.</summary>
    public void Take(ulong tokens)
    {
        if (_burst >= tokens)
        {
            _burst -= tokens;
        }
        else
        {
            _tokens -= tokens;
        }
    }

    /// <summary>How long until so many tokens are there.</summary>
    public TimeSpan Wait(ulong tokens)
    {
        double missing = Math.Min(tokens, _rate.PerSecond) - _tokens;
        return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(missing / _rate.PerSecond);
    }

    private void Fill()
    {
        long now = _time.GetTimestamp();
        double seconds = _time.GetElapsedTime(_filledAt, now).TotalSeconds;
        _filledAt = now;
        _tokens = Math.Min(_rate.PerSecond, _tokens + (seconds * _rate.PerSecond));
    }
}
