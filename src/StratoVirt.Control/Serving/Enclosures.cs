using StratoVirt.Linux.Handles;

namespace StratoVirt.Control.Serving;

/// <summary>
/// Descriptors that came beside a client's bytes, for the command they belong to: the next one that asks for any. On the
/// control thread.
/// </summary>
internal sealed class Enclosures : IDisposable
{
    // As many as one message carries; a client that sends more and names no use for them loses the oldest.
    private const int Most = Linux.Net.UnixSocket.MaxDescriptors;

    private readonly Queue<FileDescriptor> _waiting = new();

    /// <summary>Keeps what has come.</summary>
    public void Add(FileDescriptor descriptor)
    {
        if (_waiting.Count == Most)
        {
            _waiting.Dequeue().Dispose();
        }

        _waiting.Enqueue(descriptor);
    }

    /// <summary>All that wait; the caller's to close.</summary>
    public IReadOnlyList<FileDescriptor> TakeAll()
    {
        FileDescriptor[] all = [.. _waiting];
        _waiting.Clear();
        return all;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FileDescriptor descriptor in TakeAll())
        {
            descriptor.Dispose();
        }
    }
}
