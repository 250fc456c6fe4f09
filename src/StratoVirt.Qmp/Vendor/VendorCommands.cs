using System.Text.Json;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Shapes;

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
        "x-stratovirt-status", QmpNothing.Shape, VendorStatus.Shape);

    /// <summary>The definition it was built from, as StratoVirt.Definitions writes it.</summary>
    public static QmpCommand<QmpNothing, JsonElement> Definition { get; } = new(
        "x-stratovirt-definition", QmpNothing.Shape, Scalars.Anything);

    /// <summary>Its counters.</summary>
    public static QmpCommand<QmpNothing, VendorMetrics> Metrics { get; } = new(
        "x-stratovirt-metrics", QmpNothing.Shape, VendorMetrics.Shape);

    /// <summary>Its devices.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<VendorDevice>> Devices { get; } = new(
        "x-stratovirt-devices", QmpNothing.Shape, ListShape.Of(VendorDevice.Shape));

    /// <summary>Adds a device.</summary>
    public static QmpCommand<VendorDeviceSpec, QmpNothing> DeviceAdd { get; } = new(
        "x-stratovirt-device-add", VendorDeviceSpec.Shape, QmpNothing.Shape);

    /// <summary>Changes a device.</summary>
    public static QmpCommand<VendorDeviceSpec, QmpNothing> DeviceChange { get; } = new(
        "x-stratovirt-device-change", VendorDeviceSpec.Shape, QmpNothing.Shape);

    /// <summary>Asks for a device to go; DEVICE_DELETED says when it has.</summary>
    public static QmpCommand<VendorDeviceName, QmpNothing> DeviceRemove { get; } = new(
        "x-stratovirt-device-remove", VendorDeviceName.Shape, QmpNothing.Shape);

    /// <summary>Reads a console's history; with a time to wait, waits for something to come.</summary>
    public static QmpCommand<ConsoleReadArguments, ConsoleOutput> ConsoleRead { get; } = new(
        "x-stratovirt-console-read", ConsoleReadArguments.Shape, ConsoleOutput.Shape);

    /// <summary>Types on a console, as far as there is room.</summary>
    public static QmpCommand<ConsoleWriteArguments, ConsoleInput> ConsoleWrite { get; } = new(
        "x-stratovirt-console-write", ConsoleWriteArguments.Shape, ConsoleInput.Shape);

    /// <summary>Tells the guest how large the terminal at a console port is.</summary>
    public static QmpCommand<ConsoleResizeArguments, QmpNothing> ConsoleResize { get; } = new(
        "x-stratovirt-console-resize", ConsoleResizeArguments.Shape, QmpNothing.Shape);
}

/// <summary>A device's name.</summary>
public sealed class VendorDeviceName
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    private static readonly ObjectShape Form = new(nameof(VendorDeviceName), Carry);

    internal static Shape<VendorDeviceName> Shape => new(Form);

    private static VendorDeviceName Carry(Members json, object? value)
    {
        var it = (VendorDeviceName?)value;
        return new VendorDeviceName
        {
            Name = json.Text("name", it?.Name),
        };
    }
}

/// <summary>A device in the words of a definition.</summary>
public sealed class VendorDeviceSpec
{
    /// <summary>What it is: disk, network, port, share, persistent-memory, memory, entropy, balloon, vsock.</summary>
    public required string Kind { get; init; }

    /// <summary>Its settings, as the definition has them.</summary>
    public required JsonElement Spec { get; init; }

    /// <summary>Of a card to be added whose tap comes as descriptors: the MTU of the tap's interface, which the machine's
    /// process may not be able to ask for.</summary>
    public int? Mtu { get; init; }

    private static readonly ObjectShape Form = new(nameof(VendorDeviceSpec), Carry);

    internal static Shape<VendorDeviceSpec> Shape => new(Form);

    private static VendorDeviceSpec Carry(Members json, object? value)
    {
        var it = (VendorDeviceSpec?)value;
        return new VendorDeviceSpec
        {
            Kind = json.Text("kind", it?.Kind),
            Spec = json.Anything("spec", it?.Spec),
            Mtu = json.OptionalInt32("mtu", it?.Mtu),
        };
    }
}

/// <summary>Which output of which console.</summary>
public sealed class ConsoleReadArguments
{
    /// <summary>A port of the virtio console; null for the serial console.</summary>
    public string? Port { get; init; }

    /// <summary>Byte position in the whole output to begin at.</summary>
    public required long Position { get; init; }

    /// <summary>Bytes at most; null for as many as an answer carries.</summary>
    public int? Max { get; init; }

    /// <summary>Milliseconds to wait when there is nothing behind the position; null for none.</summary>
    public int? WaitMs { get; init; }

    private static readonly ObjectShape Form = new(nameof(ConsoleReadArguments), Carry);

    internal static Shape<ConsoleReadArguments> Shape => new(Form);

    private static ConsoleReadArguments Carry(Members json, object? value)
    {
        var it = (ConsoleReadArguments?)value;
        return new ConsoleReadArguments
        {
            Port = json.OptionalText("port", it?.Port),
            Position = json.Int64("position", it?.Position),
            Max = json.OptionalInt32("max", it?.Max),
            WaitMs = json.OptionalInt32("wait-ms", it?.WaitMs),
        };
    }
}

/// <summary>A piece of a console's output.</summary>
public sealed class ConsoleOutput
{
    /// <summary>The bytes.</summary>
    public required byte[] Data { get; init; }

    /// <summary>The position behind them.</summary>
    public required long Position { get; init; }

    /// <summary>Bytes printed in all.</summary>
    public required long Written { get; init; }

    /// <summary>Whether nothing more will be printed.</summary>
    public required bool Complete { get; init; }

    private static readonly ObjectShape Form = new(nameof(ConsoleOutput), Carry);

    internal static Shape<ConsoleOutput> Shape => new(Form);

    private static ConsoleOutput Carry(Members json, object? value)
    {
        var it = (ConsoleOutput?)value;
        return new ConsoleOutput
        {
            Data = json.Bytes("data", it?.Data),
            Position = json.Int64("position", it?.Position),
            Written = json.Int64("written", it?.Written),
            Complete = json.Flag("complete", it?.Complete),
        };
    }
}

/// <summary>The size of the terminal at a console.</summary>
public sealed class ConsoleResizeArguments
{
    /// <summary>A port of the virtio console.</summary>
    public required string Port { get; init; }

    /// <summary>Columns, at least 1.</summary>
    public required int Columns { get; init; }

    /// <summary>Rows, at least 1.</summary>
    public required int Rows { get; init; }

    private static readonly ObjectShape Form = new(nameof(ConsoleResizeArguments), Carry);

    internal static Shape<ConsoleResizeArguments> Shape => new(Form);

    private static ConsoleResizeArguments Carry(Members json, object? value)
    {
        var it = (ConsoleResizeArguments?)value;
        return new ConsoleResizeArguments
        {
            Port = json.Text("port", it?.Port),
            Columns = json.Int32("columns", it?.Columns),
            Rows = json.Int32("rows", it?.Rows),
        };
    }
}

/// <summary>Input for a console.</summary>
public sealed class ConsoleWriteArguments
{
    /// <summary>A port of the virtio console; null for the serial console.</summary>
    public string? Port { get; init; }

    /// <summary>The bytes.</summary>
    public required byte[] Data { get; init; }

    private static readonly ObjectShape Form = new(nameof(ConsoleWriteArguments), Carry);

    internal static Shape<ConsoleWriteArguments> Shape => new(Form);

    private static ConsoleWriteArguments Carry(Members json, object? value)
    {
        var it = (ConsoleWriteArguments?)value;
        return new ConsoleWriteArguments
        {
            Port = json.OptionalText("port", it?.Port),
            Data = json.Bytes("data", it?.Data),
        };
    }
}

/// <summary>What became of input.</summary>
public sealed class ConsoleInput
{
    /// <summary>Bytes taken, from the first on; the guest has to read before the rest can be typed.</summary>
    public required int Taken { get; init; }

    /// <summary>Where output stood before them: an answer comes behind this position.</summary>
    public required long Written { get; init; }

    private static readonly ObjectShape Form = new(nameof(ConsoleInput), Carry);

    internal static Shape<ConsoleInput> Shape => new(Form);

    private static ConsoleInput Carry(Members json, object? value)
    {
        var it = (ConsoleInput?)value;
        return new ConsoleInput
        {
            Taken = json.Int32("taken", it?.Taken),
            Written = json.Int64("written", it?.Written),
        };
    }
}
