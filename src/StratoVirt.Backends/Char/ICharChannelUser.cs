namespace StratoVirt.Backends.Char;

/// <summary>Who uses an <see cref="ICharChannel"/>. Called on the I/O thread, possibly from inside a call to the
/// channel; a call may come without need.</summary>
public interface ICharChannelUser
{
    /// <summary>Somebody has come, or gone, or gone and another come.</summary>
    /// <param name="isConnected">Whether somebody is there now. Every change is told by a call of its own.</param>
    void ConnectionChanged(bool isConnected);

    /// <summary>There may be something to read.</summary>
    void InputAvailable();

    /// <summary>There may be room to write.</summary>
    void RoomAvailable();
}
