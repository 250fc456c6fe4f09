using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Io;

/// <summary>
/// Tells an I/O thread that there is work. The guest rings it through the kernel (ioeventfd) with no exit to this
/// process; anyone else with <see cref="Ring"/>.
/// </summary>
public sealed class Doorbell : IDisposable
{
    /// <summary>The eventfd, for the kernel to signal.</summary>
    public EventFd Event { get; } = EventFd.Create();

    /// <summary>Rings. Callable from any thread; allocates nothing. Several rings may be heard as one.</summary>
    public void Ring() => Event.Signal();

    /// <summary>Takes what was rung; on the thread that serves the doorbell.</summary>
    /// <returns>Whether it was rung at all.</returns>
    public bool Answer() => Event.Drain() != 0;

    /// <inheritdoc/>
    public void Dispose() => Event.Dispose();
}
