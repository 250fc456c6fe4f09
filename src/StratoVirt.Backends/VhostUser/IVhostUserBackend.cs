namespace StratoVirt.Backends.VhostUser;

/// <summary>A process that serves a device's queues. Disposing ends it.</summary>
public interface IVhostUserBackend : IDisposable
{
    /// <summary>The connection to it.</summary>
    VhostUserFrontend Frontend { get; }

    /// <summary>Ends the process; when this returns it touches no guest memory any more. Idempotent.</summary>
    void Kill();

    /// <summary>How it ended and what it said last, as a sentence for the operator. Does not wait long.</summary>
    string DescribeEnd();
}
