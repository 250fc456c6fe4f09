using System.Text.Json;
using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Vendor;

/// <summary>Our own commands: what cmdlets need to drive a machine of another process as they drive one of their own.</summary>
public static class VendorCommands
{
    /// <summary>The longest piece of console output that one answer carries, in bytes.</summary>
    public const int MaxConsoleRead = 64 << 10;

    /// <summary>The longest piece of console input that one command carries, in bytes.</summary>
    public const int MaxConsoleWrite = 32 << 10;

    /// <summary>How the machine stands.</summary>
    public static QmpCommand<QmpNothing, VendorStatus> Status { get; } = new(
        "x-stratovirt-status", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.VendorStatus);

    /// <summary>The definition it was built from, as StratoVirt.Definitions writes it.</summary>
    public static QmpCommand<QmpNothing, JsonElement> Definition { get; } = new(
        "x-stratovirt-definition", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.JsonElement);

    /// <summary>Its counters.</summary>
    public static QmpCommand<QmpNothing, VendorMetrics> Metrics { get; } = new(
        "x-stratovirt-metrics", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.VendorMetrics);

    /// <summary>Its devices.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<VendorDevice>> Devices { get; } = new(
        "x-stratovirt-devices", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListVendorDevice);

    /// <summary>Adds a device.</summary>
    public static QmpCommand<VendorDeviceSpec, QmpNothing> DeviceAdd { get; } = new(
        "x-stratovirt-device-add", () => QmpJsonContext.Default.VendorDeviceSpec, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>Changes a device.</summary>
    public static QmpCommand<VendorDeviceSpec, QmpNothing> DeviceChange { get; } = new(
        "x-stratovirt-device-change", () => QmpJsonContext.Default.VendorDeviceSpec, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>Asks for a device to go; DEVICE_DELETED says when it has.</summary>
    public static QmpCommand<VendorDeviceName, QmpNothing> DeviceRemove { get; } = new(
        "x-stratovirt-device-remove", () => QmpJsonContext.Default.VendorDeviceName, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>Reads a console's history; with a time to wait, waits for something to come.</summary>
    public static QmpCommand<ConsoleReadArguments, ConsoleOutput> ConsoleRead { get; } = new(
        "x-stratovirt-console-read", () => QmpJsonContext.Default.ConsoleReadArguments, () => QmpJsonContext.Default.ConsoleOutput);

    /// <summary>Types on a console, as far as there is room.</summary>
    public static QmpCommand<ConsoleWriteArguments, ConsoleInput> ConsoleWrite { get; } = new(
        "x-stratovirt-console-write", () => QmpJsonContext.Default.ConsoleWriteArguments, () => QmpJsonContext.Default.ConsoleInput);

    /// <summary>Tells the guest how large the terminal at a console port is.</summary>
    public static QmpCommand<ConsoleResizeArguments, QmpNothing> ConsoleResize { get; } = new(
        "x-stratovirt-console-resize", () => QmpJsonContext.Default.ConsoleResizeArguments, () => QmpJsonContext.Default.QmpNothing);
}

/// <summary>A device's name.</summary>
public sealed record VendorDeviceName
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }
}

/// <summary>A device in the words of a definition.</summary>
public sealed record VendorDeviceSpec
{
    /// <summary>What it is: disk, network, port, share, persistent-memory, memory, entropy, balloon, vsock.</summary>
    public required string Kind { get; init; }

    /// <summary>Its settings, as the definition has them.</summary>
    public required JsonElement Spec { get; init; }
}

/// <summary>Which output of which console.</summary>
public sealed record ConsoleReadArguments
{
    /// <summary>A port of the virtio console; null for the serial console.</summary>
    public string? Port { get; init; }

    /// <summary>Byte position in the whole output to begin at.</summary>
    public required long Position { get; init; }

    /// <summary>Bytes at most; null for as many as an answer carries.</summary>
    public int? Max { get; init; }

    /// <summary>Milliseconds to wait when there is nothing behind the position; null for none.</summary>
    public int? WaitMs { get; init; }
}

/// <summary>A piece of a console's output.</summary>
public sealed record ConsoleOutput
{
    /// <summary>The bytes.</summary>
    public required byte[] Data { get; init; }

    /// <summary>The position behind them.</summary>
    public required long Position { get; init; }

    /// <summary>Bytes printed in all.</summary>
    public required long Written { get; init; }

    /// <summary>Whether nothing more will be printed.</summary>
    public required bool Complete { get; init; }
}

/// <summary>The size of the terminal at a console.</summary>
public sealed record ConsoleResizeArguments
{
    /// <summary>A port of the virtio console.</summary>
    public required string Port { get; init; }

    /// <summary>Columns, at least 1.</summary>
    public required int Columns { get; init; }

    /// <summary>Rows, at least 1.</summary>
    public required int Rows { get; init; }
}

/// <summary>Input for a console.</summary>
public sealed record ConsoleWriteArguments
{
    /// <summary>A port of the virtio console; null for the serial console.</summary>
    public string? Port { get; init; }

    /// <summary>The bytes.</summary>
    public required byte[] Data { get; init; }
}

/// <summary>What became of input.</summary>
public sealed record ConsoleInput
{
    /// <summary>Bytes taken, from the first on; the guest has to read before the rest can be typed.</summary>
    public required int Taken { get; init; }

    /// <summary>Where output stood before them: an answer comes behind this position.</summary>
    public required long Written { get; init; }
}
