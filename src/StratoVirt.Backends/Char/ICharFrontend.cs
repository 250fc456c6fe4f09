namespace StratoVirt.Backends.Char;

/// <summary>The guest side of a character device, as the host sees it: where typed bytes go.</summary>
public interface ICharFrontend
{
    /// <summary>Raised after <see cref="Receive"/> has taken fewer bytes than offered, once the guest has made room.
    /// Comes from a vCPU thread: handlers return at once and allocate nothing.</summary>
    event Action? RoomAvailable;

    /// <summary>Offers input to the guest.</summary>
    /// <param name="data">Bytes typed.</param>
    /// <returns>How many were taken; fewer than offered when the device's buffer is full.</returns>
    int Receive(ReadOnlySpan<byte> data);
}
