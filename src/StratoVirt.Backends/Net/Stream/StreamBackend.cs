using StratoVirt.Linux;
using StratoVirt.Linux.Net;

namespace StratoVirt.Backends.Net.Stream;

/// <summary>The far end of a connected local socket, which speaks as QEMU's <c>-netdev stream</c>: one pair of queues, no
/// offloads.</summary>
public sealed class StreamBackend : INetBackend
{
    private readonly UnixSocket _socket;
    private volatile string? _problem;

    /// <summary>Takes over a connected socket.</summary>
    /// <param name="socket">The connection; disposed with this.</param>
    /// <param name="mtu">Bytes of payload the peer takes; null when it does not say.</param>
    public StreamBackend(UnixSocket socket, int? mtu = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _socket = socket;
        Mtu = mtu;
        Queues = [new StreamQueue(socket, reason => _problem ??= reason)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<INetQueue> Queues { get; }

    /// <inheritdoc/>
    public NetOffloads Offloads => NetOffloads.None;

    /// <inheritdoc/>
    public int? Mtu { get; }

    /// <inheritdoc/>
    public string? Problem => _problem;

    /// <summary>Connects to a program that listens.</summary>
    /// <param name="path">Its socket.</param>
    /// <exception cref="NetBackendException">Nobody listens there, or it may not be used.</exception>
    public static StreamBackend Connect(string path)
    {
        try
        {
            return new StreamBackend(UnixSocket.Connect(path));
        }
        catch (LinuxException refusal)
        {
            NetBackendError error = refusal.Errno switch
            {
                Errno.NoEntry or Errno.ConnectionRefused => NetBackendError.NotFound,
                Errno.AccessDenied or Errno.NotPermitted => NetBackendError.NotPermitted,
                _ => NetBackendError.Refused,
            };
            throw new NetBackendException(error, $"The network card cannot be connected to the socket '{path}'. {refusal.Message}", refusal);
        }
    }

    /// <inheritdoc/>
    public bool SetOffloads(NetOffloads offloads) => offloads == NetOffloads.None;

    /// <inheritdoc/>
    public bool SetQueuesInUse(int count) => count == 1;

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
