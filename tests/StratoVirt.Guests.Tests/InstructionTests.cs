using Iced.Intel;
using StratoVirt.Guests.Image;

namespace StratoVirt.Guests.Tests;

public sealed class InstructionTests
{
    // A KVM that interprets guest kernels knows the plain integer instructions; so do all others.
    private static readonly HashSet<CpuidFeature> Plain =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL386, CpuidFeature.INTEL486,
        CpuidFeature.X64, CpuidFeature.MSR, CpuidFeature.CPUID, CpuidFeature.PAUSE,
    ];

    [Fact]
    public void First_mark_is_the_same_in_32_and_64_bit_mode()
    {
        string[] expected =
        [
            "mov edx,606h", "mov al,1", "out dx,al", "mov edx,3F8h", "out dx,al", "mov edx,600h", "mov al,34h", "out dx,al", "cli",
            "hlt", "jmp 0000000000100016h",
        ];
        var elf = new ElfView(FirstMarkGuest.Assemble());
        Assert.Equal(expected, Disassemble(elf, 64));
        Assert.Equal(expected.Select(line => line.Replace("0000000000100016h", "00100016h", StringComparison.Ordinal)), Disassemble(elf, 32));
        Assert.Equal(elf.Text.PhysicalAddress, elf.Entry);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("exits-user")]
    [InlineData("virtio-bench")]
    public void The_pvh_entry_goes_to_long_mode(string guest)
    {
        var elf = new ElfView(ElfTests.Assemble(guest));
        string[] expected =
        [
            "cli",
            "lgdt [110040h]",
            "mov eax,111000h", "mov cr3,eax",
            "mov eax,20h", "mov cr4,eax",
            "mov ecx,0C0000080h", "rdmsr", "or eax,100h", "wrmsr",
            "mov eax,cr0", "or eax,80000001h", "mov cr0,eax",
            "jmp far 00100100h,8",
        ];
        Assert.Equal(expected, Disassemble(elf, 32).Take(expected.Length));
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("hello-longmode")]
    [InlineData("exits-kernel")]
    [InlineData("exits-user")]
    public void Reachable_code_decodes_and_is_plain(string guest)
    {
        var elf = new ElfView(ElfTests.Assemble(guest));
        Dictionary<ulong, Instruction> code = ReachableCode.From(elf, 64, GuestLayout.LongModeCode, elf.Entry);
        Assert.True(code.Count > 20);
        foreach (Instruction instruction in code.Values)
        {
            Assert.All(instruction.CpuidFeatures, feature => Assert.Contains(feature, Plain));
            Assert.False(instruction.HasRepPrefix || instruction.HasRepnePrefix, instruction.ToString());
        }
    }

    [Fact]
    public void Hello_takes_no_instruction_for_two()
    {
        var elf = new ElfView(HelloGuest.Assemble());
        List<Instruction> code = [.. ReachableCode.From(elf, 64, GuestLayout.LongModeCode, elf.Entry)
            .OrderBy(pair => pair.Key).Select(pair => pair.Value)];
        Assert.All(code.Zip(code.Skip(1)), pair => Assert.True(pair.First.NextIP <= pair.Second.IP));
    }

    [Fact]
    public void The_benchmark_adds_to_the_plain_instructions_only_the_clock_and_only_at_user_level()
    {
        var elf = new ElfView(VirtioBenchGuest.Assemble());
        Dictionary<ulong, Instruction> code = ReachableCode.From(elf, 64, GuestLayout.LongModeCode, elf.Entry);
        ulong user = code.Values.Single(i => i.Mnemonic == Mnemonic.Iretq).NextIP;
        Assert.DoesNotContain(user, code.Keys);
        Assert.DoesNotContain(code.Values, i => i.Mnemonic == Mnemonic.Rdtsc);
        foreach (Instruction instruction in ReachableCode.From(elf, 64, user).Values)
        {
            Assert.All(instruction.CpuidFeatures, feature => Assert.True(feature == CpuidFeature.TSC || Plain.Contains(feature), instruction.ToString()));
            Assert.DoesNotContain(instruction.Mnemonic, (Mnemonic[])[Mnemonic.Hlt, Mnemonic.Cli, Mnemonic.Sti, Mnemonic.Wrmsr, Mnemonic.Rdmsr]);
        }
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(123_456u)]
    public void Exits_counts_down_its_writes(uint count)
    {
        var elf = new ElfView(ExitsGuest.Assemble(count, GuestRing.Kernel));
        List<Instruction> code = [.. ReachableCode.From(elf, 64, GuestLayout.LongModeCode)
            .OrderBy(pair => pair.Key).Select(pair => pair.Value)];
        int loop = code.FindIndex(i => i.Mnemonic == Mnemonic.Jne);
        Assert.Equal(Mnemonic.Dec, code[loop - 1].Mnemonic);
        Assert.Equal(Mnemonic.Out, code[loop - 2].Mnemonic);
        Assert.Equal(code[loop - 2].IP, code[loop].NearBranchTarget);
        Instruction start = code.Last(i => i.IP < code[loop].IP && i.Mnemonic == Mnemonic.Mov && i.Op0Register == Register.ECX);
        Assert.Equal(count, start.Immediate32);
    }

    private static List<string> Disassemble(ElfView elf, int bitness)
    {
        byte[] text = elf.BytesOf(elf.Text);
        var decoder = Decoder.Create(bitness, text, elf.Text.PhysicalAddress);
        var formatter = new IntelFormatter();
        formatter.Options.BranchLeadingZeros = true;
        formatter.Options.ShowBranchSize = false;
        var lines = new List<string>();
        while (decoder.IP < elf.Text.PhysicalAddress + (ulong)text.Length)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.IsInvalid)
            {
                break;
            }

            var output = new StringOutput();
            formatter.Format(instruction, output);
            lines.Add(output.ToString());
        }

        return lines;
    }
}
