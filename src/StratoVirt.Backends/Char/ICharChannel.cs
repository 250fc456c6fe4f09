using StratoVirt.Backends.Io;

namespace StratoVirt.Backends.Char;

/// <summary>
/// The host end of a character port with flow control both ways. Used on the I/O thread it is attached to and nowhere
/// else; never blocks, and moving bytes allocates nothing.
/// </summary>
public interface ICharChannel : IDisposable
{
    /// <summary>Whether somebody is at the other end. Readable from any thread.</summary>
    bool IsConnected { get; }

    /// <summary>Why nobody is there or nothing moves, for the operator; null while it works. Readable from any thread.</summary>
    string? Problem { get; }

    /// <summary>Begins: tells the user of everything that happens, on the thread. Once, before anything else.</summary>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    void Attach(IoThread thread, ICharChannelUser user);

    /// <summary>Takes away the name that the host finds it by, if it has made one. Not on the I/O thread but by whoever
    /// ends the port, before he does: an I/O thread may not touch files.</summary>
    void Withdraw()
    {
    }

    /// <summary>Offers bytes to the host.</summary>
    /// <returns>Bytes taken. After fewer than offered, <see cref="ICharChannelUser.RoomAvailable"/> follows once there
    /// is room again.</returns>
    int Write(ReadOnlySpan<byte> data);

    /// <summary>Takes bytes from the host.</summary>
    /// <returns>Bytes taken; after 0, and only then, <see cref="ICharChannelUser.InputAvailable"/> follows once there
    /// are more.</returns>
    int Read(Span<byte> destination);
}
