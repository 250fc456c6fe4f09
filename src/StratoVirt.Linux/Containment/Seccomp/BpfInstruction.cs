using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Containment.Seccomp;

/// <summary>One instruction of a classic BPF program, as the kernel reads it.</summary>
/// <param name="Code">What it does.</param>
/// <param name="JumpTrue">Instructions to skip when a comparison holds.</param>
/// <param name="JumpFalse">Instructions to skip when it does not.</param>
/// <param name="Operand">An offset, a number, or instructions to skip.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct BpfInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Operand);
