using CsCheck;
using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Containment.Seccomp;

namespace StratoVirt.Linux.Tests.Containment;

/// <summary>Filters are run on calls that nobody makes, and compared with the policy they were made from.</summary>
public sealed class SeccompProgramTests
{
    // Few different numbers, so that policies and calls meet; their halves differ one by one.
    private static readonly Gen<ulong> Numbers = OneOf(
        0ul, 1ul, 2ul, 0x5401ul, 0xae80ul, 0x7fff_fffful, 0xffff_fffful, 0x1_0000_0000ul, 0x1_0000_0001ul, 0xffff_ffff_0000_0001ul, ulong.MaxValue);

    private static readonly Gen<ArgumentTest> Tests = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 4], Numbers.Array[0, 4], Numbers).Select(
        (index, kind, values, mask) => kind switch
        {
            0 => ArgumentTest.IsOneOf(index, [.. values.Select(value => (uint)value)]),
            1 => ArgumentTest.HasNone(index, (uint)mask),
            2 => ArgumentTest.MaskedIs(index, (uint)mask, (uint)values.FirstOrDefault()),
            3 => ArgumentTest.IsWideValue(index, values.FirstOrDefault()),
            _ => ArgumentTest.MaskedIsWide(index, mask, values.FirstOrDefault()),
        });

    private static readonly Gen<SeccompVerdict> Verdicts = OneOf(
        SeccompVerdict.Allow, SeccompVerdict.KillProcess, SeccompVerdict.Trap(3), SeccompVerdict.Fail(Errno.NotPermitted));

    private static readonly Gen<SeccompRule> Rules = Gen.Select(Gen.Int[0, 450], Verdicts, Tests.Array[0, 3])
        .Select((call, verdict, tests) => new SeccompRule(new SystemCall(call), verdict, tests));

    private static readonly Gen<SeccompPolicy> Policies = Gen.Select(Rules.Array[0, 120], Verdicts)
        .Select((rules, otherwise) => new SeccompPolicy(rules, otherwise));

    private static readonly Gen<SystemCallData> Calls = Gen.Select(
        Gen.Int[-1, 452], Gen.Frequency((9, Gen.Const(SystemCall.Architecture)), (1, Gen.UInt)), Numbers.Array[6])
        .Select((number, architecture, arguments) => new SystemCallData(number, architecture, arguments));

    [Fact]
    public void AProgramDecidesAsItsPolicy() => Gen.Select(Policies, Calls.Array[40]).Sample((policy, calls) =>
    {
        SeccompProgram program = SeccompProgram.Compile(policy);
        IEnumerable<SystemCallData> aimed = policy.Rules.Zip(calls, (rule, call) => call with { Number = rule.Call.Number });
        Assert.All(calls.Concat(aimed), call => Assert.Equal(policy.Decide(call), BpfEvaluator.Run(program, call)));
    });

    [Fact]
    public void NoJumpLeavesAProgram() => Policies.Sample(policy =>
    {
        SeccompProgram program = SeccompProgram.Compile(policy);
        Assert.All(Enumerable.Range(0, program.Instructions.Length), i =>
        {
            BpfInstruction instruction = program.Instructions[i];
            Assert.True(i + 1 + Math.Max(instruction.JumpTrue, instruction.JumpFalse) < program.Instructions.Length + (instruction.Code == 6 ? 1 : 0));
        });
    });

    [Fact]
    public void LongProgramsJumpFurtherThanOneByte()
    {
        var policy = new SeccompPolicy(
            [.. Enumerable.Range(0, 400).Select(i => new SeccompRule(
                new SystemCall(i), SeccompVerdict.Allow, ArgumentTest.IsOneOf(1, 1, 2, 3, 4, (uint)(i + 5))))],
            SeccompVerdict.KillProcess);
        SeccompProgram program = SeccompProgram.Compile(policy);
        Assert.True(program.Instructions.Length > 2000);
        Assert.All(Enumerable.Range(-1, 402), i =>
        {
            var call = new SystemCallData(i, SystemCall.Architecture, [0, (ulong)i + 5]);
            Assert.Equal(policy.Decide(call), BpfEvaluator.Run(program, call));
        });
    }

    [Fact]
    public void MoreThanTheKernelRunsIsRefused() => Assert.Throws<ArgumentException>(() => SeccompProgram.Compile(new SeccompPolicy(
        [.. Enumerable.Range(0, 300).Select(i => new SeccompRule(
            new SystemCall(i), SeccompVerdict.Allow, ArgumentTest.IsOneOf(1, [.. Enumerable.Range(0, 16).Select(value => (uint)value)])))],
        SeccompVerdict.KillProcess)));

    /// <summary>An int's upper half is the caller's to fill with anything: the kernel does not look at it.</summary>
    [Fact]
    public void AnIntIsComparedByItsLowerHalf()
    {
        SeccompProgram program = SeccompProgram.Compile(new SeccompPolicy(
            [new SeccompRule(SystemCall.Named("ioctl"), SeccompVerdict.Allow, ArgumentTest.IsOneOf(1, 0xae80))], SeccompVerdict.KillProcess));
        Assert.Equal(SeccompVerdict.Allow, BpfEvaluator.Run(program, new SystemCallData("ioctl", 5, 0xffff_ffff_0000_ae80)));
        Assert.Equal(SeccompVerdict.KillProcess, BpfEvaluator.Run(program, new SystemCallData("ioctl", 5, 0xae81)));
    }

    [Fact]
    public void AnotherArchitecturesCallsAreNeverAllowed()
    {
        SeccompProgram program = SeccompProgram.Compile(new SeccompPolicy(
            [new SeccompRule(SystemCall.Named("read"), SeccompVerdict.Allow)], SeccompVerdict.KillProcess));
        SystemCallData call = new("read");
        Assert.Equal(SeccompVerdict.Allow, BpfEvaluator.Run(program, call));
        Assert.Equal(SeccompVerdict.KillProcess, BpfEvaluator.Run(program, call with { Architecture = 0x40000003 }));

        // x32 has x86_64's architecture and a bit of its own in the number.
        Assert.Equal(SeccompVerdict.KillProcess, BpfEvaluator.Run(program, call with { Number = call.Number | 0x40000000 }));
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
