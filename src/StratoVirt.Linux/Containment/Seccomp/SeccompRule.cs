namespace StratoVirt.Linux.Containment.Seccomp;

/// <summary>What becomes of one system call, under conditions. Of several rules for one call the first whose tests all
/// hold decides.</summary>
/// <param name="Call">The call.</param>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Tests">What its arguments must be, all of them.</param>
public sealed record SeccompRule(SystemCall Call, SeccompVerdict Verdict, params IReadOnlyList<ArgumentTest> Tests);
