namespace StratoVirt.Qmp.Messages;

/// <summary>A command was refused or failed, in QMP's terms.</summary>
public sealed class QmpException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="errorClass">Its class as QMP spells it. Servers may have classes of their own.</param>
    /// <param name="description">What was wrong, for people.</param>
    /// <param name="cause">What was behind it.</param>
    public QmpException(string errorClass, string description, Exception? cause = null)
        : base(description, cause) => ErrorClass = errorClass;

    /// <summary>Creates the error.</summary>
    public QmpException(QmpErrorClass errorClass, string description, Exception? cause = null)
        : this(errorClass.ToString(), description, cause)
    {
    }

    /// <summary>Its class as QMP spells it.</summary>
    public string ErrorClass { get; }

    /// <summary>The engine's stable id of it, without prefix; null when there is none. Beside QMP's own members.</summary>
    public string? Id { get; init; }

    /// <summary>What the user can do; null when the server does not say. Beside QMP's own members.</summary>
    public string? RecommendedAction { get; init; }

    /// <summary>Refusal of something that has no class of its own.</summary>
    public static QmpException Generic(string description, Exception? cause = null) =>
        new(QmpErrorClass.GenericError, description, cause);

    /// <summary>There is no such device.</summary>
    public static QmpException NoDevice(string device) =>
        new(QmpErrorClass.DeviceNotFound, $"Device '{device}' not found");
}
