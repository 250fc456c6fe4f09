using StratoVirt.Memory;

namespace StratoVirt.Backends.Net.Vhost;

/// <summary>A pair of queues whose frames the host's kernel moves by itself between guest memory and a tap. One caller
/// at a time.</summary>
public interface IVhostPair : IDisposable
{
    /// <summary>The virtio features it can serve.</summary>
    ulong Features { get; }

    /// <summary>Has both queues served from now on. Both doorbells are to be rung once after it.</summary>
    /// <param name="memory">Guest memory, none of which goes away while queues are served.</param>
    /// <param name="features">What was negotiated with the driver.</param>
    /// <param name="receive">The receive queue.</param>
    /// <param name="send">The transmit queue.</param>
    /// <exception cref="NetBackendException">The kernel refuses; neither is served.</exception>
    void Start(GuestMemory memory, ulong features, in VhostQueue receive, in VhostQueue send);

    /// <summary>Takes both queues back. When this returns the kernel touches no guest memory for them and has completed
    /// what it had taken.</summary>
    /// <returns>The available indexes that would have been looked at next.</returns>
    (ushort Receive, ushort Send) Stop();
}
