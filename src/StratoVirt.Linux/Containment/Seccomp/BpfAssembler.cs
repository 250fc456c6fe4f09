using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Containment.Seccomp;

/// <summary>
/// Puts a classic BPF program together from its end to its beginning: what an instruction goes on with is given, so it
/// exists already, every jump leads forwards as the kernel wants it, and no address has to be corrected later.
/// </summary>
internal sealed class BpfAssembler
{
    private readonly List<BpfInstruction> _reversed = [];
    private readonly Dictionary<Label, Label> _relays = [];

    /// <summary>A place in the program, counted from its end.</summary>
    internal readonly record struct Label(int FromEnd);

    private Label Top => new(_reversed.Count);

    /// <summary>Ends with a verdict.</summary>
    public Label Return(uint verdict) => Push(LibC.BPF_RET | LibC.BPF_K, 0, 0, verdict);

    /// <summary>Takes 32 bits of the call's data into the accumulator.</summary>
    public Label Load(int offset, Label next)
    {
        Reach(next);
        return Push(LibC.BPF_LD | LibC.BPF_W | LibC.BPF_ABS, 0, 0, (uint)offset);
    }

    /// <summary>Keeps some bits of the accumulator.</summary>
    public Label And(uint mask, Label next)
    {
        Reach(next);
        return Push(LibC.BPF_ALU | LibC.BPF_AND | LibC.BPF_K, 0, 0, mask);
    }

    /// <summary>Goes on by whether the accumulator is <paramref name="value"/>.</summary>
    public Label IfEqual(uint value, Label yes, Label no) => If(LibC.BPF_JEQ, value, yes, no);

    /// <summary>Goes on by whether the accumulator is at least <paramref name="value"/>, unsigned.</summary>
    public Label IfAtLeast(uint value, Label yes, Label no) => If(LibC.BPF_JGE, value, yes, no);

    /// <summary>Goes on by whether the accumulator is more than <paramref name="value"/>, unsigned.</summary>
    public Label IfMore(uint value, Label yes, Label no) => If(LibC.BPF_JGT, value, yes, no);

    /// <summary>The program that begins at the label made last.</summary>
    public BpfInstruction[] Finish()
    {
        BpfInstruction[] program = [.. _reversed];
        Array.Reverse(program);
        return program;
    }

    private Label If(ushort comparison, uint value, Label yes, Label no)
    {
        yes = Near(yes);
        no = Near(no);
        return Push(
            (ushort)(LibC.BPF_JMP | comparison | LibC.BPF_K),
            checked((byte)(Top.FromEnd - yes.FromEnd)),
            checked((byte)(Top.FromEnd - no.FromEnd)),
            value);
    }

    // A conditional jump reaches 255 instructions; to go further it goes through an unconditional one, which others use
    // too. Making one for the second target may push the first out of reach by one, hence the margin.
    private Label Near(Label target)
    {
        const int Reachable = byte.MaxValue - 1;
        if (Top.FromEnd - target.FromEnd <= Reachable)
        {
            return target;
        }

        if (!_relays.TryGetValue(target, out Label relay) || Top.FromEnd - relay.FromEnd > Reachable)
        {
            _relays[target] = relay = Jump(target);
        }

        return relay;
    }

    private void Reach(Label next)
    {
        if (next != Top)
        {
            Jump(next);
        }
    }

    private Label Jump(Label target) => Push(LibC.BPF_JMP | LibC.BPF_JA, 0, 0, (uint)(Top.FromEnd - target.FromEnd));

    private Label Push(int code, byte yes, byte no, uint operand)
    {
        _reversed.Add(new BpfInstruction((ushort)code, yes, no, operand));
        return Top;
    }
}
