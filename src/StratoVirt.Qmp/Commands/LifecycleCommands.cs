using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>Running, holding, resetting and ending a machine.</summary>
public static class LifecycleCommands
{
    /// <summary>What it does.</summary>
    public static QmpCommand<QmpNothing, StatusInfo> QueryStatus { get; } = new(
        "query-status", QmpNothing.Shape, StatusInfo.Shape);

    /// <summary>Holds the vCPUs.</summary>
    public static QmpCommand<QmpNothing, QmpNothing> Stop { get; } = Plain("stop");

    /// <summary>Lets them run, for the first time or again.</summary>
    public static QmpCommand<QmpNothing, QmpNothing> Continue { get; } = Plain("cont");

    /// <summary>Resets the machine.</summary>
    public static QmpCommand<QmpNothing, QmpNothing> SystemReset { get; } = Plain("system_reset");

    /// <summary>Presses the power button.</summary>
    public static QmpCommand<QmpNothing, QmpNothing> SystemPowerdown { get; } = Plain("system_powerdown");

    /// <summary>Ends the machine.</summary>
    public static QmpCommand<QmpNothing, QmpNothing> Quit { get; } = Plain("quit");

    private static QmpCommand<QmpNothing, QmpNothing> Plain(string name) =>
        new(name, QmpNothing.Shape, QmpNothing.Shape);
}

/// <summary>The states that machines here can be in; QEMU knows more.</summary>
public enum QmpRunState
{
    /// <summary>Its vCPUs have not run yet.</summary>
    Prelaunch,
    /// <summary>Its vCPUs run.</summary>
    Running,
    /// <summary>Its vCPUs are held by request.</summary>
    Paused,
    /// <summary>It has ended.</summary>
    Shutdown,
    /// <summary>Its vCPUs are held because one met a fault.</summary>
    InternalError,
}

/// <summary>What a machine does.</summary>
public sealed class StatusInfo
{
    /// <summary>Whether its vCPUs run.</summary>
    public required bool Running { get; init; }

    /// <summary>Its state.</summary>
    public required QmpRunState Status { get; init; }

    private static readonly ObjectShape Form = new(nameof(StatusInfo), Carry);

    internal static Shape<StatusInfo> Shape => new(Form);

    private static StatusInfo Carry(Members json, object? value)
    {
        var it = (StatusInfo?)value;
        return new StatusInfo
        {
            Running = json.Flag("running", it?.Running),
            Status = json.Word("status", it?.Status, Words.RunState),
        };
    }
}
