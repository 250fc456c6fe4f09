using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Sessions;

/// <summary>The place of one command's answer. It is answered once, now or later, on the session's thread.</summary>
/// <typeparam name="T">The result.</typeparam>
public sealed class QmpReply<T>
{
    private readonly QmpServerSession _session;
    private readonly Shape _shape;
    private readonly long _turn;

    internal QmpReply(QmpServerSession session, Shape shape, long turn)
    {
        _session = session;
        _shape = shape;
        _turn = turn;
    }

    /// <summary>Says that the command has been carried out. Does nothing when the client has gone.</summary>
    public void Return(T result) => _session.Return(_turn, result!, _shape);

    /// <summary>Says that it has not.</summary>
    public void Fail(Exception failure) => _session.Fail(_turn, failure);
}
