using System.Collections.Frozen;
using System.Management.Automation;
using StratoVirt.GuestImages;
using StratoVirt.Machine;
using StratoVirt.Store;

namespace StratoVirt.PowerShell.Errors;

/// <summary>The category of each error id that is not simply wrong input.</summary>
internal static class ErrorCategories
{
    private static readonly FrozenDictionary<string, ErrorCategory> ById = new Dictionary<string, ErrorCategory>
    {
        [nameof(CommandErrorId.RunsElsewhere)] = ErrorCategory.ResourceUnavailable,
        [nameof(CommandErrorId.NotRunning)] = ErrorCategory.InvalidOperation,
        [nameof(CommandErrorId.Running)] = ErrorCategory.InvalidOperation,
        [nameof(CommandErrorId.EndedWhileWaiting)] = ErrorCategory.OperationStopped,
        [nameof(CommandErrorId.FileMissing)] = ErrorCategory.ObjectNotFound,
        [nameof(CommandErrorId.FileExists)] = ErrorCategory.ResourceExists,
        [nameof(CommandErrorId.FileUnusable)] = ErrorCategory.ReadError,
        [nameof(CommandErrorId.PathUnusable)] = ErrorCategory.InvalidArgument,
        [nameof(CommandErrorId.OneCondition)] = ErrorCategory.InvalidArgument,
        [nameof(CommandErrorId.PatternInvalid)] = ErrorCategory.InvalidArgument,
        [nameof(CommandErrorId.InputNotTaken)] = ErrorCategory.OperationTimeout,
        [nameof(CommandErrorId.NoSuchDevice)] = ErrorCategory.ObjectNotFound,
        [nameof(CommandErrorId.SettingUnfit)] = ErrorCategory.InvalidArgument,
        [nameof(CommandErrorId.NoTerminal)] = ErrorCategory.ResourceUnavailable,
        [nameof(CommandErrorId.EscapeKeyInvalid)] = ErrorCategory.InvalidArgument,
        [nameof(CommandErrorId.NameTwice)] = ErrorCategory.InvalidData,
        [nameof(CommandErrorId.FleetInvalid)] = ErrorCategory.InvalidData,
        [nameof(CommandErrorId.FleetMissing)] = ErrorCategory.InvalidArgument,
        [nameof(CommandErrorId.ArgumentsInvalid)] = ErrorCategory.InvalidArgument,
        [nameof(CommandErrorId.QmpGenericError)] = ErrorCategory.InvalidOperation,
        [nameof(CommandErrorId.QmpCommandNotFound)] = ErrorCategory.NotImplemented,
        [nameof(CommandErrorId.QmpDeviceNotActive)] = ErrorCategory.InvalidOperation,
        [nameof(CommandErrorId.QmpDeviceNotFound)] = ErrorCategory.ObjectNotFound,
        [nameof(CommandErrorId.SystemdMissing)] = ErrorCategory.NotInstalled,
        [nameof(CommandErrorId.SystemdRefused)] = ErrorCategory.ResourceUnavailable,
        [nameof(CommandErrorId.ShellMissing)] = ErrorCategory.ObjectNotFound,
        [nameof(CommandErrorId.NotRegistered)] = ErrorCategory.ObjectNotFound,
        [nameof(StoreErrorId.InvalidName)] = ErrorCategory.InvalidArgument,
        [nameof(StoreErrorId.AlreadyExists)] = ErrorCategory.ResourceExists,
        [nameof(StoreErrorId.NotFound)] = ErrorCategory.ObjectNotFound,
        [nameof(StoreErrorId.Busy)] = ErrorCategory.ResourceBusy,
        [nameof(StoreErrorId.Unreadable)] = ErrorCategory.ReadError,
        [nameof(StoreErrorId.StoreUnusable)] = ErrorCategory.ResourceUnavailable,
        [nameof(MachineErrorId.KvmMissing)] = ErrorCategory.ResourceUnavailable,
        [nameof(MachineErrorId.KvmPermission)] = ErrorCategory.PermissionDenied,
        [nameof(MachineErrorId.KvmUnsuitable)] = ErrorCategory.NotImplemented,
        [nameof(MachineErrorId.KernelMissing)] = ErrorCategory.ObjectNotFound,
        [nameof(MachineErrorId.InitrdMissing)] = ErrorCategory.ObjectNotFound,
        [nameof(MachineErrorId.MemoryUnavailable)] = ErrorCategory.ResourceUnavailable,
        [nameof(MachineErrorId.TooManyCpus)] = ErrorCategory.LimitsExceeded,
        [nameof(MachineErrorId.AlreadyRunning)] = ErrorCategory.ResourceBusy,
        [nameof(MachineErrorId.InvalidState)] = ErrorCategory.InvalidOperation,
        [nameof(MachineErrorId.Timeout)] = ErrorCategory.OperationTimeout,
        [nameof(MachineErrorId.RuntimeDirectory)] = ErrorCategory.ResourceUnavailable,
        [nameof(MachineErrorId.DeviceMissing)] = ErrorCategory.ObjectNotFound,
        [nameof(MachineErrorId.DevicePermission)] = ErrorCategory.PermissionDenied,
        [nameof(MachineErrorId.DeviceInUse)] = ErrorCategory.ResourceBusy,
        [nameof(MachineErrorId.DeviceUnusable)] = ErrorCategory.ResourceUnavailable,
        [nameof(MachineErrorId.DeviceUnsupported)] = ErrorCategory.NotImplemented,
        [nameof(MachineErrorId.DeviceUnknown)] = ErrorCategory.ObjectNotFound,
        [nameof(MachineErrorId.DeviceExists)] = ErrorCategory.ResourceExists,
        [nameof(MachineErrorId.DeviceUnchangeable)] = ErrorCategory.InvalidOperation,
        [nameof(MachineErrorId.TooManyDevices)] = ErrorCategory.LimitsExceeded,
        [nameof(MachineErrorId.HotPlugUnavailable)] = ErrorCategory.InvalidOperation,
        [nameof(MachineErrorId.HostMissing)] = ErrorCategory.NotInstalled,
        [nameof(MachineErrorId.HostFailed)] = ErrorCategory.ResourceUnavailable,
        [nameof(MachineErrorId.ControlRefused)] = ErrorCategory.InvalidOperation,
        [nameof(MachineErrorId.ControlUnreachable)] = ErrorCategory.ConnectionError,
        [nameof(MachineErrorId.JailUnsuitable)] = ErrorCategory.InvalidOperation,
        [nameof(GuestImageErrorId.AptMissing)] = ErrorCategory.NotInstalled,
        [nameof(GuestImageErrorId.PackageNotFound)] = ErrorCategory.ObjectNotFound,
        [nameof(GuestImageErrorId.DownloadFailed)] = ErrorCategory.ConnectionError,
        [nameof(GuestImageErrorId.ChecksumMismatch)] = ErrorCategory.SecurityError,
        [nameof(GuestImageErrorId.BusyBoxMissing)] = ErrorCategory.NotInstalled,
        [nameof(GuestImageErrorId.ModuleNotFound)] = ErrorCategory.ObjectNotFound,
        [nameof(GuestImageErrorId.CacheUnwritable)] = ErrorCategory.WriteError,
    }.ToFrozenDictionary();

    /// <summary>The category of an id, written without its prefix.</summary>
    public static ErrorCategory Of(string id) => ById.GetValueOrDefault(id, ErrorCategory.InvalidData);
}
