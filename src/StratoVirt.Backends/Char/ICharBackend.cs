namespace StratoVirt.Backends.Char;

/// <summary>The host side of a character device: where the bytes a guest prints go.</summary>
public interface ICharBackend
{
    /// <summary>Takes what the guest printed. Called from a vCPU thread: never blocks, never throws, allocates
    /// nothing; a backend that cannot keep up drops the oldest bytes and counts them.</summary>
    void Write(ReadOnlySpan<byte> data);
}
