using StratoVirt.Linux.Handles;

namespace StratoVirt.Control.Serving;

/// <summary>
/// Descriptors that came beside a client's bytes, for the command they belong to: the next one that asks for any, or
/// gives one a name for commands to come. On the control thread.
/// </summary>
internal sealed class Enclosures : IDisposable
{
    // As many as one message carries; a client that sends more and names no use for them loses the oldest.
    private const int Most = Linux.Net.UnixSocket.MaxDescriptors;

    // A card with all its queues, some times over.
    private const int MostNamed = 32;

    private readonly Queue<FileDescriptor> _waiting = new();
    private readonly Dictionary<string, FileDescriptor> _named = new(StringComparer.Ordinal);

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

    /// <summary>The one that has waited longest, which is the caller's; null when none waits.</summary>
    public FileDescriptor? Take() => _waiting.TryDequeue(out FileDescriptor? descriptor) ? descriptor : null;

    /// <summary>Keeps one under a name; another of that name is closed.</summary>
    /// <returns>False when there are too many: it stays the caller's.</returns>
    public bool TryName(string name, FileDescriptor descriptor)
    {
        TakeNamed(name)?.Dispose();
        return _named.Count < MostNamed && _named.TryAdd(name, descriptor);
    }

    /// <summary>The one of a name, which is the caller's; null when there is none.</summary>
    public FileDescriptor? TakeNamed(string name) => _named.Remove(name, out FileDescriptor? descriptor) ? descriptor : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FileDescriptor descriptor in TakeAll())
        {
            descriptor.Dispose();
        }

        foreach (FileDescriptor descriptor in _named.Values)
        {
            descriptor.Dispose();
        }

        _named.Clear();
    }
}
