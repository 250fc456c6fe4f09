namespace StratoVirt.Kvm;

/// <summary>A breakpoint or single step.</summary>
/// <param name="Exception">Exception vector: 1 for #DB, 3 for #BP.</param>
/// <param name="ProgramCounter">Linear address.</param>
/// <param name="Dr6">Debug status.</param>
/// <param name="Dr7">Debug control.</param>
public readonly record struct DebugExit(uint Exception, ulong ProgramCounter, ulong Dr6, ulong Dr7);
