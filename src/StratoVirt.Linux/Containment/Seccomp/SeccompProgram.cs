using System.Collections.Immutable;
using StratoVirt.Linux.Abi;
using Label = StratoVirt.Linux.Containment.Seccomp.BpfAssembler.Label;

namespace StratoVirt.Linux.Containment.Seccomp;

/// <summary>A policy as the kernel runs it: the architecture is checked, the call's number is found by halving, its
/// arguments are compared.</summary>
public sealed class SeccompProgram
{
    private const int NumberOffset = 0;
    private const int ArchitectureOffset = 4;
    private const int ArgumentsOffset = 16;

    private readonly BpfAssembler _assembler = new();
    private readonly Dictionary<uint, Label> _returns = [];

    private SeccompProgram(SeccompPolicy policy)
    {
        Label otherwise = Return(policy.Otherwise);
        var rules = new Dictionary<uint, List<SeccompRule>>();
        foreach (SeccompRule rule in policy.Rules)
        {
            uint number = (uint)rule.Call.Number;
            if (!rules.TryGetValue(number, out List<SeccompRule>? ofCall))
            {
                rules.Add(number, ofCall = []);
            }

            ofCall.Add(rule);
        }

        uint[] numbers = [.. rules.Keys];
        Array.Sort(numbers);
        (uint Number, Label Rules)[] calls = Array.ConvertAll(numbers, number => (number, AnyOf(rules[number], otherwise)));
        Label search = calls.Length == 0 ? otherwise : _assembler.Load(NumberOffset, Find(calls, otherwise));
        Label start = _assembler.IfEqual(SystemCall.Architecture, search, otherwise);
        _assembler.Load(ArchitectureOffset, start);
        Instructions = [.. _assembler.Finish()];
        if (Instructions.Length > LibC.BPF_MAXINSNS)
        {
            throw new ArgumentException(
                $"The policy takes {Instructions.Length} instructions; the kernel runs {LibC.BPF_MAXINSNS} at most.", nameof(policy));
        }
    }

    /// <summary>The program.</summary>
    public ImmutableArray<BpfInstruction> Instructions { get; }

    /// <summary>Makes the program of a policy.</summary>
    /// <exception cref="ArgumentException">It is too long for the kernel.</exception>
    public static SeccompProgram Compile(SeccompPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new SeccompProgram(policy);
    }

    private static int LowHalf(int argument) => ArgumentsOffset + (argument * sizeof(ulong));

    private static int HighHalf(int argument) => LowHalf(argument) + sizeof(uint);

    private Label Return(SeccompVerdict verdict) => _returns.TryGetValue(verdict.Value, out Label made)
        ? made
        : _returns[verdict.Value] = _assembler.Return(verdict.Value);

    private Label AnyOf(List<SeccompRule> rules, Label otherwise)
    {
        Label next = otherwise;
        for (int i = rules.Count - 1; i >= 0; i--)
        {
            Label passed = Return(rules[i].Verdict);
            for (int test = rules[i].Tests.Count - 1; test >= 0; test--)
            {
                passed = Test(rules[i].Tests[test], passed, next);
            }

            next = passed;
        }

        return next;
    }

    private Label Test(ArgumentTest test, Label yes, Label no)
    {
        Label next = no;
        for (int i = test.Values.Count - 1; i >= 0; i--)
        {
            ulong value = test.Values[i];
            next = test.IsWide ? TestWide(test, value, yes, next) : _assembler.IfEqual((uint)value, yes, next);
        }

        return test.IsWide ? next : Load(LowHalf(test.Index), (uint)test.Mask, next);
    }

    private Label TestWide(ArgumentTest test, ulong value, Label yes, Label no)
    {
        Label low = Load(LowHalf(test.Index), (uint)test.Mask, _assembler.IfEqual((uint)value, yes, no));
        return Load(HighHalf(test.Index), (uint)(test.Mask >> 32), _assembler.IfEqual((uint)(value >> 32), low, no));
    }

    private Label Load(int offset, uint mask, Label next) =>
        _assembler.Load(offset, mask == uint.MaxValue ? next : _assembler.And(mask, next));

    private Label Find(ReadOnlySpan<(uint Number, Label Rules)> calls, Label otherwise)
    {
        if (calls.Length == 1)
        {
            return _assembler.IfEqual(calls[0].Number, calls[0].Rules, otherwise);
        }

        int middle = calls.Length / 2;
        Label upper = Find(calls[middle..], otherwise);
        return _assembler.IfAtLeast(calls[middle].Number, upper, Find(calls[..middle], otherwise));
    }
}
