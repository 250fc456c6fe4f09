namespace StratoVirt.Backends.Entropy;

/// <summary>Where random bytes come from. Used by one thread at a time; never blocks, allocates nothing.</summary>
public interface IEntropySource : IDisposable
{
    /// <summary>Why it gives nothing, for the operator; null while it works.</summary>
    string? Problem { get; }

    /// <summary>Fills a buffer from its start.</summary>
    /// <returns>Bytes given; 0 when there are none now: ask again later.</returns>
    int Read(Span<byte> destination);
}
