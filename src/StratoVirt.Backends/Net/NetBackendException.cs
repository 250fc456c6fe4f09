namespace StratoVirt.Backends.Net;

/// <summary>The host's side of a network card cannot be had. The message says what to do about it.</summary>
public sealed class NetBackendException : IOException
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="error">Its kind.</param>
    /// <param name="message">For the operator.</param>
    /// <param name="cause">The failed call, if any.</param>
    public NetBackendException(NetBackendError error, string message, Exception? cause = null)
        : base(message, cause)
    {
        Error = error;
    }

    /// <summary>Its kind.</summary>
    public NetBackendError Error { get; }
}
