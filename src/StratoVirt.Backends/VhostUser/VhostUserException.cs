namespace StratoVirt.Backends.VhostUser;

/// <summary>A process that is to serve a device's queues cannot be started, does not answer, or breaks the protocol.</summary>
public sealed class VhostUserException : IOException
{
    /// <summary>Says what is wrong, as a sentence.</summary>
    public VhostUserException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>Says what is wrong, as a sentence, and what kind of thing that is.</summary>
    public VhostUserException(VhostUserError error, string message, Exception? cause = null)
        : base(message, cause) => Error = error;

    /// <summary>Its kind.</summary>
    public VhostUserError Error { get; }
}
