using StratoVirt.Devices.Pci.Msix;

namespace StratoVirt.Testing;

/// <summary>A route that counts, and insists on its contract.</summary>
public sealed class RecordingMsiRoute : IMsiRoute
{
    private int _triggers;

    /// <summary>Messages sent.</summary>
    public int Triggers => Volatile.Read(ref _triggers);

    /// <summary>Times it was updated.</summary>
    public int Updates { get; private set; }

    /// <summary>Where the message goes.</summary>
    public ulong Address { get; private set; }

    /// <summary>The message.</summary>
    public uint Data { get; private set; }

    /// <summary>Whether nothing may be sent.</summary>
    public bool IsMasked { get; private set; } = true;

    /// <summary>Whether it was given back.</summary>
    public bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It is masked or was given back.</exception>
    public void Trigger()
    {
        if (IsMasked || IsDisposed)
        {
            throw new InvalidOperationException($"An interrupt was sent by a route that is {(IsDisposed ? "gone" : "masked")}.");
        }

        Interlocked.Increment(ref _triggers);
    }

    /// <inheritdoc/>
    public void Update(ulong address, uint data, bool masked)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Updates++;
        Address = address;
        Data = data;
        IsMasked = masked;
    }

    /// <inheritdoc/>
    public void Dispose() => IsDisposed = true;
}
