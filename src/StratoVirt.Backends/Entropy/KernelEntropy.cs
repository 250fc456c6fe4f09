using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Entropy;

/// <summary>The host kernel's own random numbers, read from its device: opened once, it needs no other system call.</summary>
public sealed class KernelEntropy : IEntropySource
{
    /// <summary>Its path. It never waits once the host has booted.</summary>
    public const string Path = "/dev/urandom";

    private readonly FileDescriptor _device = FileDescriptor.Open(Path, OpenFlags.ReadOnly);

    /// <inheritdoc/>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        Errno errno = _device.Read(destination, out int count);
        if (errno != Errno.None)
        {
            Problem ??= $"the host's random number generator fails with {errno}";
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();
}
