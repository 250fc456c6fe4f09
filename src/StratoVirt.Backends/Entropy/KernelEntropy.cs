using StratoVirt.Linux;

namespace StratoVirt.Backends.Entropy;

/// <summary>The host kernel's generator: always has bytes.</summary>
public sealed class KernelEntropy : IEntropySource
{
    /// <inheritdoc/>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        Errno errno = KernelRandom.Fill(destination);
        if (errno == Errno.None)
        {
            return destination.Length;
        }

        Problem ??= $"the host's random number generator fails with {errno}";
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
