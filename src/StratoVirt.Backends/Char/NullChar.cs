namespace StratoVirt.Backends.Char;

/// <summary>Takes everything and keeps nothing.</summary>
public sealed class NullChar : ICharBackend
{
    private NullChar()
    {
    }

    /// <summary>The one there is.</summary>
    public static NullChar Instance { get; } = new();

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> data)
    {
    }
}
