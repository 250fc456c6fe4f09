using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>The events there are. Data as QEMU has them; those with <c>X_</c> are our own.</summary>
public static class QmpEvents
{
    /// <summary>The machine has ended.</summary>
    public static QmpEvent<ShutdownData> Shutdown { get; } = new("SHUTDOWN", ShutdownData.Shape);

    /// <summary>The machine was reset.</summary>
    public static QmpEvent<ShutdownData> Reset { get; } = new("RESET", ShutdownData.Shape);

    /// <summary>Its vCPUs are held.</summary>
    public static QmpEvent<QmpNothing> Stop { get; } = Plain("STOP");

    /// <summary>Its vCPUs run.</summary>
    public static QmpEvent<QmpNothing> Resume { get; } = Plain("RESUME");

    /// <summary>The power button was pressed.</summary>
    public static QmpEvent<QmpNothing> Powerdown { get; } = Plain("POWERDOWN");

    /// <summary>A device has gone.</summary>
    public static QmpEvent<DeviceDeletedData> DeviceDeleted { get; } =
        new("DEVICE_DELETED", DeviceDeletedData.Shape);

    /// <summary>The guest has given its balloon another size.</summary>
    public static QmpEvent<BalloonChangeData> BalloonChange { get; } =
        new("BALLOON_CHANGE", BalloonChangeData.Shape);

    /// <summary>The host could not do what a disk asked; the guest was told of an I/O error.</summary>
    public static QmpEvent<BlockIoErrorData> BlockIoError { get; } =
        new("BLOCK_IO_ERROR", BlockIoErrorData.Shape);

    /// <summary>A vCPU met a fault; comes behind STOP.</summary>
    public static QmpEvent<VcpuFaultData> VcpuFault { get; } =
        new("X_STRATOVIRT_VCPU_FAULT", VcpuFaultData.Shape);

    /// <summary>The host's side of a device has gone or is damaged, for as long as the device is there.</summary>
    public static QmpEvent<DeviceFailedData> DeviceFailed { get; } =
        new("X_STRATOVIRT_DEVICE_FAILED", DeviceFailedData.Shape);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<QmpEvent> All { get; } =
        [Shutdown, Reset, Stop, Resume, Powerdown, DeviceDeleted, BalloonChange, BlockIoError, VcpuFault, DeviceFailed];

    private static QmpEvent<QmpNothing> Plain(string name) => new(name, QmpNothing.Shape);
}

/// <summary>Why a machine ended or was reset.</summary>
public sealed class ShutdownData
{
    /// <summary>Whether the guest did it.</summary>
    public required bool Guest { get; init; }

    /// <summary>The cause, as QMP's <c>ShutdownCause</c> spells it.</summary>
    public required string Reason { get; init; }

    private static readonly ObjectShape Form = new(nameof(ShutdownData), Carry);

    internal static Shape<ShutdownData> Shape => new(Form);

    private static ShutdownData Carry(Members json, object? value)
    {
        var it = (ShutdownData?)value;
        return new ShutdownData
        {
            Guest = json.Flag("guest", it?.Guest),
            Reason = json.Text("reason", it?.Reason),
        };
    }
}

/// <summary>A device that has gone.</summary>
public sealed class DeviceDeletedData
{
    /// <summary>Its id.</summary>
    public string? Device { get; init; }

    /// <summary>Its path in the object tree.</summary>
    public required string Path { get; init; }

    private static readonly ObjectShape Form = new(nameof(DeviceDeletedData), Carry);

    internal static Shape<DeviceDeletedData> Shape => new(Form);

    private static DeviceDeletedData Carry(Members json, object? value)
    {
        var it = (DeviceDeletedData?)value;
        return new DeviceDeletedData
        {
            Device = json.OptionalText("device", it?.Device),
            Path = json.Text("path", it?.Path),
        };
    }
}

/// <summary>A device whose host's side has failed.</summary>
public sealed class DeviceFailedData
{
    /// <summary>Its id.</summary>
    public required string Device { get; init; }

    /// <summary>Its path in the object tree.</summary>
    public required string Path { get; init; }

    /// <summary>What went wrong.</summary>
    public required string Reason { get; init; }

    private static readonly ObjectShape Form = new(nameof(DeviceFailedData), Carry);

    internal static Shape<DeviceFailedData> Shape => new(Form);

    private static DeviceFailedData Carry(Members json, object? value)
    {
        var it = (DeviceFailedData?)value;
        return new DeviceFailedData
        {
            Device = json.Text("device", it?.Device),
            Path = json.Text("path", it?.Path),
            Reason = json.Text("reason", it?.Reason),
        };
    }
}

/// <summary>A balloon's new size.</summary>
public sealed class BalloonChangeData
{
    /// <summary>Bytes of memory left to the guest.</summary>
    public required ulong Actual { get; init; }

    private static readonly ObjectShape Form = new(nameof(BalloonChangeData), Carry);

    internal static Shape<BalloonChangeData> Shape => new(Form);

    private static BalloonChangeData Carry(Members json, object? value)
    {
        var it = (BalloonChangeData?)value;
        return new BalloonChangeData
        {
            Actual = json.UInt64("actual", it?.Actual),
        };
    }
}

/// <summary>Which way a disk was to move bytes; what moves none counts as a write, as in QEMU.</summary>
public enum IoOperationType
{
    /// <summary>From the image.</summary>
    Read,
    /// <summary>To the image.</summary>
    Write,
}

/// <summary>What was done about a failure.</summary>
public enum BlockErrorAction
{
    /// <summary>The guest was told.</summary>
    Report,
}

/// <summary>A failure of the host behind a disk.</summary>
public sealed class BlockIoErrorData
{
    /// <summary>A name that disks made by <c>device_add</c> do not have.</summary>
    public required string Device { get; init; }

    /// <summary>The disk's path in the object tree.</summary>
    public required string QomPath { get; init; }

    /// <summary>Its image.</summary>
    public string? NodeName { get; init; }

    /// <summary>Which way.</summary>
    public required IoOperationType Operation { get; init; }

    /// <summary>What was done about it.</summary>
    public required BlockErrorAction Action { get; init; }

    /// <summary>Whether the host has no space left.</summary>
    public required bool Nospace { get; init; }

    /// <summary>What went wrong, for people.</summary>
    public required string Reason { get; init; }

    private static readonly ObjectShape Form = new(nameof(BlockIoErrorData), Carry);

    internal static Shape<BlockIoErrorData> Shape => new(Form);

    private static BlockIoErrorData Carry(Members json, object? value)
    {
        var it = (BlockIoErrorData?)value;
        return new BlockIoErrorData
        {
            Device = json.Text("device", it?.Device),
            QomPath = json.Text("qom-path", it?.QomPath),
            NodeName = json.OptionalText("node-name", it?.NodeName),
            Operation = json.Word("operation", it?.Operation, Words.IoOperationType),
            Action = json.Word("action", it?.Action, Words.BlockErrorAction),
            Nospace = json.Flag("nospace", it?.Nospace),
            Reason = json.Text("reason", it?.Reason),
        };
    }
}

/// <summary>A fault that stopped a vCPU.</summary>
public sealed class VcpuFaultData
{
    /// <summary>The vCPU's number.</summary>
    public required int CpuIndex { get; init; }

    /// <summary>What happened.</summary>
    public required string Reason { get; init; }

    /// <summary>What it most likely means.</summary>
    public required string Hint { get; init; }

    private static readonly ObjectShape Form = new(nameof(VcpuFaultData), Carry);

    internal static Shape<VcpuFaultData> Shape => new(Form);

    private static VcpuFaultData Carry(Members json, object? value)
    {
        var it = (VcpuFaultData?)value;
        return new VcpuFaultData
        {
            CpuIndex = json.Int32("cpu-index", it?.CpuIndex),
            Reason = json.Text("reason", it?.Reason),
            Hint = json.Text("hint", it?.Hint),
        };
    }
}
