using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Net;

/// <summary>The host's side of a network card.</summary>
public interface INetBackend : IDisposable
{
    /// <summary>Bytes of virtio_net_hdr in front of every frame: struct virtio_net_hdr_v1.</summary>
    const int HeaderLength = 12;

    /// <summary>The pairs of queues, at least one. All but the first start out of use.</summary>
    IReadOnlyList<INetQueue> Queues { get; }

    /// <summary>What it can be left to do for frames sent, and may leave to the guest in frames received.</summary>
    NetOffloads Offloads { get; }

    /// <summary>Bytes of payload its frames can carry; null when it does not care.</summary>
    int? Mtu { get; }

    /// <summary>Why the host's side has gone, for the operator; null while it is there.</summary>
    string? Problem { get; }

    /// <summary>Becomes readable when the program that is the host's side has ended, whether or not a frame is to be moved;
    /// null where no program is.</summary>
    FileDescriptor? Lifeline => null;

    /// <summary>What frames received from now on may leave to the guest; a subset of <see cref="Offloads"/>.</summary>
    /// <returns>False when that cannot be had; then nothing has changed.</returns>
    bool SetOffloads(NetOffloads offloads);

    /// <summary>How many pairs of queues are in use, from the first. Others get no frames of the host's.</summary>
    /// <returns>False when that cannot be had.</returns>
    bool SetQueuesInUse(int count);
}
