using System.Globalization;
using System.Text;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.PowerShell;

/// <summary>The fault that stopped a vCPU. As text it is the whole report: cause, hint, instruction, registers.</summary>
public sealed class StratoVmFault
{
    private const int RegistersPerLine = 4;

    internal StratoVmFault(VcpuFault fault)
    {
        Cpu = fault.Cpu;
        Reason = fault.Reason;
        ExitReason = fault.ExitReason;
        Hint = fault.Hint;
        Instruction = Convert.ToHexString(fault.Instruction.AsSpan());
        Registers = fault.Registers.ToDictionary(register => register.Key, register => register.Value);
    }

    /// <summary>Index of the vCPU.</summary>
    public int Cpu { get; }

    /// <summary>What happened.</summary>
    public string Reason { get; }

    /// <summary>KVM's exit reason number.</summary>
    public long ExitReason { get; }

    /// <summary>What it most likely means, and what to try.</summary>
    public string Hint { get; }

    /// <summary>Bytes at the instruction pointer as hexadecimal digits, as far as they could be read.</summary>
    public string Instruction { get; }

    /// <summary>The registers by name.</summary>
    public IReadOnlyDictionary<string, ulong> Registers { get; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"vCPU {Cpu}: {Reason} (exit reason {ExitReason})").AppendLine();
        text.AppendLine(Hint);
        text.Append("instruction ").AppendLine(Instruction.Length == 0 ? "unreadable" : Instruction);
        int column = 0;
        foreach ((string name, ulong value) in Registers)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name,-6} {value:x16}");
            text.Append(++column % RegistersPerLine == 0 ? Environment.NewLine : "  ");
        }

        return text.ToString().TrimEnd();
    }
}
