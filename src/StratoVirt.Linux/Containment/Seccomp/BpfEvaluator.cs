using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Containment.Seccomp;

/// <summary>Runs a filter on a call that nobody makes: what the kernel would decide, without installing anything.</summary>
public static class BpfEvaluator
{
    /// <summary>What the program decides.</summary>
    /// <exception cref="InvalidOperationException">The program is not one the kernel takes: it uses an instruction that
    /// filters here never use, or leaves its end.</exception>
    public static SeccompVerdict Run(SeccompProgram program, SystemCallData call)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(call);
        uint accumulator = 0;
        for (int next = 0; next < program.Instructions.Length;)
        {
            BpfInstruction instruction = program.Instructions[next++];
            switch (instruction.Code)
            {
                case LibC.BPF_LD | LibC.BPF_W | LibC.BPF_ABS:
                    accumulator = Read(call, instruction.Operand);
                    break;
                case LibC.BPF_ALU | LibC.BPF_AND | LibC.BPF_K:
                    accumulator &= instruction.Operand;
                    break;
                case LibC.BPF_JMP | LibC.BPF_JA:
                    next = checked(next + (int)instruction.Operand);
                    break;
                case LibC.BPF_JMP | LibC.BPF_JEQ | LibC.BPF_K:
                    next += accumulator == instruction.Operand ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case LibC.BPF_JMP | LibC.BPF_JGE | LibC.BPF_K:
                    next += accumulator >= instruction.Operand ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case LibC.BPF_JMP | LibC.BPF_JGT | LibC.BPF_K:
                    next += accumulator > instruction.Operand ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case LibC.BPF_RET | LibC.BPF_K:
                    return new SeccompVerdict(instruction.Operand);
                default:
                    throw new InvalidOperationException($"Instruction {next - 1} of the filter has the unknown code 0x{instruction.Code:x}.");
            }
        }

        throw new InvalidOperationException("The filter ends without a verdict.");
    }

    private static uint Read(SystemCallData call, uint offset)
    {
        const int ArgumentsOffset = 16;
        return offset switch
        {
            0 => (uint)call.Number,
            4 => call.Architecture,
            >= ArgumentsOffset and < ArgumentsOffset + (6 * sizeof(ulong)) when offset % sizeof(uint) == 0 => Argument((int)offset - ArgumentsOffset),
            _ => throw new InvalidOperationException($"The filter reads at {offset}, where there is nothing it may know."),
        };

        uint Argument(int place)
        {
            ulong argument = place / sizeof(ulong) < call.Arguments.Count ? call.Arguments[place / sizeof(ulong)] : 0;
            return (uint)(place % sizeof(ulong) == 0 ? argument : argument >> 32);
        }
    }
}
