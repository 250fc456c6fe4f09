using Iced.Intel;

namespace StratoVirt.Guests.Tests;

/// <summary>Decodes what can be executed from some addresses on, following branches and calls.</summary>
internal static class ReachableCode
{
    public static Dictionary<ulong, Instruction> From(ElfView elf, int bitness, params ulong[] entries)
    {
        byte[] text = elf.BytesOf(elf.Text);
        ulong start = elf.Text.PhysicalAddress;
        var seen = new Dictionary<ulong, Instruction>();
        var pending = new Stack<ulong>(entries);
        while (pending.TryPop(out ulong address))
        {
            while (!seen.ContainsKey(address))
            {
                Assert.InRange(address, start, start + (ulong)text.Length - 1);
                var decoder = Decoder.Create(bitness, text.AsSpan((int)(address - start)).ToArray(), address);
                Instruction instruction = decoder.Decode();
                Assert.False(instruction.IsInvalid, $"no instruction at 0x{address:x}");
                seen.Add(address, instruction);
                if (instruction.NearBranchTarget != 0)
                {
                    pending.Push(instruction.NearBranchTarget);
                }

                // The only far return goes to the instruction behind it, with a new code segment.
                bool ends = instruction.FlowControl is FlowControl.UnconditionalBranch or FlowControl.Exception
                    || instruction.Mnemonic is Mnemonic.Ret or Mnemonic.Iretq;
                if (ends)
                {
                    break;
                }

                address = instruction.NextIP;
            }
        }

        return seen;
    }
}
