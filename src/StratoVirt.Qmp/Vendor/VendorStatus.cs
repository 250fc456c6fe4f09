using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Vendor;

/// <summary>How a machine stands.</summary>
public sealed class VendorStatus
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its state.</summary>
    public required QmpRunState State { get; init; }

    /// <summary>When that state was entered.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When its vCPUs first ran; null when they have not.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Why it ended, as QMP's <c>ShutdownCause</c> spells it; <c>none</c> while it has not.</summary>
    public required string Cause { get; init; }

    /// <summary>How often its guest was reset.</summary>
    public required int Resets { get; init; }

    /// <summary>The fault that stopped it.</summary>
    public VendorFault? Fault { get; init; }

    /// <summary>What the engine could not do, behind the cause <c>host-error</c>.</summary>
    public VendorError? Error { get; init; }

    /// <summary>The boot marks its guest has written.</summary>
    public required IReadOnlyList<VendorBootMark> BootMarks { get; init; }

    /// <summary>The process that runs it.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Bytes its serial console has printed.</summary>
    public required long ConsoleWritten { get; init; }

    private static readonly ObjectShape Form = new(nameof(VendorStatus), Carry);

    internal static Shape<VendorStatus> Shape => new(Form);

    private static VendorStatus Carry(Members json, object? value)
    {
        var it = (VendorStatus?)value;
        return new VendorStatus
        {
            Name = json.Text("name", it?.Name),
            State = json.Word("state", it?.State, Words.RunState),
            Since = json.Time("since", it?.Since),
            StartedAt = json.OptionalTime("started-at", it?.StartedAt),
            Cause = json.Text("cause", it?.Cause),
            Resets = json.Int32("resets", it?.Resets),
            Fault = json.OptionalRecord("fault", it?.Fault, VendorFault.Shape),
            Error = json.OptionalRecord("error", it?.Error, VendorError.Shape),
            BootMarks = json.List("boot-marks", it?.BootMarks, VendorBootMark.Shape),
            ProcessId = json.Int32("process-id", it?.ProcessId),
            ConsoleWritten = json.Int64("console-written", it?.ConsoleWritten),
        };
    }
}

/// <summary>A fault that stopped a vCPU.</summary>
public sealed class VendorFault
{
    /// <summary>The vCPU's number.</summary>
    public required int Cpu { get; init; }

    /// <summary>What happened.</summary>
    public required string Reason { get; init; }

    /// <summary>KVM's exit reason number.</summary>
    public required uint ExitReason { get; init; }

    /// <summary>What it most likely means, and what to try.</summary>
    public required string Hint { get; init; }

    /// <summary>The registers.</summary>
    public required IReadOnlyList<VendorRegister> Registers { get; init; }

    /// <summary>Bytes at the instruction pointer.</summary>
    public required byte[] Instruction { get; init; }

    private static readonly ObjectShape Form = new(nameof(VendorFault), Carry);

    internal static Shape<VendorFault> Shape => new(Form);

    private static VendorFault Carry(Members json, object? value)
    {
        var it = (VendorFault?)value;
        return new VendorFault
        {
            Cpu = json.Int32("cpu", it?.Cpu),
            Reason = json.Text("reason", it?.Reason),
            ExitReason = json.UInt32("exit-reason", it?.ExitReason),
            Hint = json.Text("hint", it?.Hint),
            Registers = json.List("registers", it?.Registers, VendorRegister.Shape),
            Instruction = json.Bytes("instruction", it?.Instruction),
        };
    }
}

/// <summary>A register.</summary>
public sealed class VendorRegister
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its value.</summary>
    public required ulong Value { get; init; }

    private static readonly ObjectShape Form = new(nameof(VendorRegister), Carry);

    internal static Shape<VendorRegister> Shape => new(Form);

    private static VendorRegister Carry(Members json, object? value)
    {
        var it = (VendorRegister?)value;
        return new VendorRegister
        {
            Name = json.Text("name", it?.Name),
            Value = json.UInt64("value", it?.Value),
        };
    }
}

/// <summary>An error of the engine.</summary>
public sealed class VendorError
{
    /// <summary>Its stable id, without prefix; null for those that have none.</summary>
    public string? Id { get; init; }

    /// <summary>What was wrong.</summary>
    public required string Message { get; init; }

    /// <summary>What can be done.</summary>
    public string? RecommendedAction { get; init; }

    private static readonly ObjectShape Form = new(nameof(VendorError), Carry);

    internal static Shape<VendorError> Shape => new(Form);

    private static VendorError Carry(Members json, object? value)
    {
        var it = (VendorError?)value;
        return new VendorError
        {
            Id = json.OptionalText("id", it?.Id),
            Message = json.Text("message", it?.Message),
            RecommendedAction = json.OptionalText("recommended-action", it?.RecommendedAction),
        };
    }
}

/// <summary>A byte the guest wrote to the boot-mark port.</summary>
public sealed class VendorBootMark
{
    /// <summary>The byte.</summary>
    public required int Code { get; init; }

    /// <summary>Time since the start was asked for, in units of 100 ns.</summary>
    public required long Ticks { get; init; }

    private static readonly ObjectShape Form = new(nameof(VendorBootMark), Carry);

    internal static Shape<VendorBootMark> Shape => new(Form);

    private static VendorBootMark Carry(Members json, object? value)
    {
        var it = (VendorBootMark?)value;
        return new VendorBootMark
        {
            Code = json.Int32("code", it?.Code),
            Ticks = json.Int64("ticks", it?.Ticks),
        };
    }
}
