namespace StratoVirt.PowerShell.Errors;

/// <summary>
/// The identifiers of what the cmdlets themselves find wrong, beside those of engine, store and definitions. They are
/// contract, as those are.
/// </summary>
internal enum CommandErrorId
{
    /// <summary>The machine is run by another process, which this one cannot drive.</summary>
    RunsElsewhere,

    /// <summary>The machine does not run, and what was asked for needs it to.</summary>
    NotRunning,

    /// <summary>The machine runs, and what was asked for needs it not to.</summary>
    Running,

    /// <summary>The machine ended before what was waited for came.</summary>
    EndedWhileWaiting,

    /// <summary>No file is at the path.</summary>
    FileMissing,

    /// <summary>A file is at the path already.</summary>
    FileExists,

    /// <summary>The file cannot be read or written.</summary>
    FileUnusable,

    /// <summary>The path is not one in a file system.</summary>
    PathUnusable,

    /// <summary>More than one thing to wait for was given.</summary>
    OneCondition,

    /// <summary>The text to wait for is no regular expression, or a name no pattern with wildcards.</summary>
    PatternInvalid,

    /// <summary>The guest stopped taking console input.</summary>
    InputNotTaken,

    /// <summary>The machine has no device of that name.</summary>
    NoSuchDevice,

    /// <summary>The setting means nothing for a device of that kind.</summary>
    SettingUnfit,

    /// <summary>The session has no terminal.</summary>
    NoTerminal,

    /// <summary>The key that is to leave a console is no control key.</summary>
    EscapeKeyInvalid,

    /// <summary>Two documents describe a machine of the same name.</summary>
    NameTwice,

    /// <summary>Documents of a fleet cannot be used, so that nothing was done for any machine.</summary>
    FleetInvalid,

    /// <summary>Machines are to be removed, and nothing says which fleet they belong to.</summary>
    FleetMissing,

    /// <summary>The arguments of a control command are no object that JSON can say.</summary>
    ArgumentsInvalid,

    /// <summary>The control socket refused a command, or failed; QMP's class GenericError.</summary>
    QmpGenericError,

    /// <summary>The control socket has no such command; QMP's class CommandNotFound.</summary>
    QmpCommandNotFound,

    /// <summary>The machine does not use what was asked of; QMP's class DeviceNotActive.</summary>
    QmpDeviceNotActive,

    /// <summary>The machine has no such device; QMP's class DeviceNotFound.</summary>
    QmpDeviceNotFound,

    /// <summary>The host does not run systemd.</summary>
    SystemdMissing,

    /// <summary>systemd did not do what it was asked.</summary>
    SystemdRefused,

    /// <summary>No program was found that runs PowerShell's command lines.</summary>
    ShellMissing,

    /// <summary>The machine has no service.</summary>
    NotRegistered,
}
