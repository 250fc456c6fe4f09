using System.Text.Json.Serialization;

namespace StratoVirt.Qmp.Commands;

/// <summary>The events there are. Data as QEMU has them; those with <c>X_</c> are our own.</summary>
public static class QmpEvents
{
    /// <summary>The machine has ended.</summary>
    public static QmpEvent<ShutdownData> Shutdown { get; } = new("SHUTDOWN", () => QmpJsonContext.Default.ShutdownData);

    /// <summary>The machine was reset.</summary>
    public static QmpEvent<ShutdownData> Reset { get; } = new("RESET", () => QmpJsonContext.Default.ShutdownData);

    /// <summary>Its vCPUs are held.</summary>
    public static QmpEvent<QmpNothing> Stop { get; } = Plain("STOP");

    /// <summary>Its vCPUs run.</summary>
    public static QmpEvent<QmpNothing> Resume { get; } = Plain("RESUME");

    /// <summary>The power button was pressed.</summary>
    public static QmpEvent<QmpNothing> Powerdown { get; } = Plain("POWERDOWN");

    /// <summary>A device has gone.</summary>
    public static QmpEvent<DeviceDeletedData> DeviceDeleted { get; } =
        new("DEVICE_DELETED", () => QmpJsonContext.Default.DeviceDeletedData);

    /// <summary>The guest has given its balloon another size.</summary>
    public static QmpEvent<BalloonChangeData> BalloonChange { get; } =
        new("BALLOON_CHANGE", () => QmpJsonContext.Default.BalloonChangeData);

    /// <summary>The host could not do what a disk asked; the guest was told of an I/O error.</summary>
    public static QmpEvent<BlockIoErrorData> BlockIoError { get; } =
        new("BLOCK_IO_ERROR", () => QmpJsonContext.Default.BlockIoErrorData);

    /// <summary>A vCPU met a fault; comes behind STOP.</summary>
    public static QmpEvent<VcpuFaultData> VcpuFault { get; } =
        new("X_STRATOVIRT_VCPU_FAULT", () => QmpJsonContext.Default.VcpuFaultData);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<QmpEvent> All { get; } =
        [Shutdown, Reset, Stop, Resume, Powerdown, DeviceDeleted, BalloonChange, BlockIoError, VcpuFault];

    private static QmpEvent<QmpNothing> Plain(string name) => new(name, () => QmpJsonContext.Default.QmpNothing);
}

/// <summary>Why a machine ended or was reset.</summary>
public sealed record ShutdownData
{
    /// <summary>Whether the guest did it.</summary>
    public required bool Guest { get; init; }

    /// <summary>The cause, as QMP's <c>ShutdownCause</c> spells it.</summary>
    public required string Reason { get; init; }
}

/// <summary>A device that has gone.</summary>
public sealed record DeviceDeletedData
{
    /// <summary>Its id.</summary>
    public string? Device { get; init; }

    /// <summary>Its path in the object tree.</summary>
    public required string Path { get; init; }
}

/// <summary>A balloon's new size.</summary>
public sealed record BalloonChangeData
{
    /// <summary>Bytes of memory left to the guest.</summary>
    public required ulong Actual { get; init; }
}

/// <summary>Which way a disk was to move bytes; what moves none counts as a write, as in QEMU.</summary>
[JsonConverter(typeof(KebabWords<IoOperationType>))]
public enum IoOperationType
{
    /// <summary>From the image.</summary>
    Read,
    /// <summary>To the image.</summary>
    Write,
}

/// <summary>What was done about a failure.</summary>
[JsonConverter(typeof(KebabWords<BlockErrorAction>))]
public enum BlockErrorAction
{
    /// <summary>The guest was told.</summary>
    Report,
}

/// <summary>A failure of the host behind a disk.</summary>
public sealed record BlockIoErrorData
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
}

/// <summary>A fault that stopped a vCPU.</summary>
public sealed record VcpuFaultData
{
    /// <summary>The vCPU's number.</summary>
    public required int CpuIndex { get; init; }

    /// <summary>What happened.</summary>
    public required string Reason { get; init; }

    /// <summary>What it most likely means.</summary>
    public required string Hint { get; init; }
}
