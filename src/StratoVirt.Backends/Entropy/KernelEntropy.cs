using System.Security.Cryptography;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Entropy;

/// <summary>
/// The host kernel's own random numbers, read from its device: opened once, it needs no other system call. A read of
/// four blocks or more is made from a key that the kernel gives for it alone and nobody keeps, just as the kernel itself
/// makes it, in a third of the time: there is no state that a fork, a snapshot or a look at this process's memory
/// could give away.
/// </summary>
public sealed class KernelEntropy : IEntropySource
{
    /// <summary>Its path. It never waits once the host has booted.</summary>
    public const string Path = "/dev/urandom";

    // Below it the kernel is done as soon as it would be with the key.
    private const int LeastExpanded = ChaCha20.StepLength;

    private readonly FileDescriptor _device = FileDescriptor.Open(Path, OpenFlags.ReadOnly);

    /// <inheritdoc/>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        if (destination.Length < LeastExpanded)
        {
            return Ask(destination);
        }

        Span<byte> key = stackalloc byte[ChaCha20.KeyLength];
        int count = Ask(key);
        if (count == key.Length)
        {
            ChaCha20.Expand(key, destination);
            count = destination.Length;
        }
        else
        {
            count = 0;
        }

        CryptographicOperations.ZeroMemory(key);
        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();

    private int Ask(Span<byte> destination)
    {
        Errno errno = _device.Read(destination, out int count);
        if (errno != Errno.None)
        {
            Problem ??= $"the host's random number generator fails with {errno}";
        }

        return count;
    }
}
