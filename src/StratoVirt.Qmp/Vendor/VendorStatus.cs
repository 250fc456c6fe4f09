using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Vendor;

/// <summary>How a machine stands.</summary>
public sealed record VendorStatus
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
}

/// <summary>A fault that stopped a vCPU.</summary>
public sealed record VendorFault
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
}

/// <summary>A register.</summary>
public sealed record VendorRegister
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its value.</summary>
    public required ulong Value { get; init; }
}

/// <summary>An error of the engine.</summary>
public sealed record VendorError
{
    /// <summary>Its stable id, without prefix; null for those that have none.</summary>
    public string? Id { get; init; }

    /// <summary>What was wrong.</summary>
    public required string Message { get; init; }

    /// <summary>What can be done.</summary>
    public string? RecommendedAction { get; init; }
}

/// <summary>A byte the guest wrote to the boot-mark port.</summary>
public sealed record VendorBootMark
{
    /// <summary>The byte.</summary>
    public required int Code { get; init; }

    /// <summary>Time since the start was asked for, in units of 100 ns.</summary>
    public required long Ticks { get; init; }
}
