using System.Buffers.Binary;
using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Containment;

/// <summary>A system call that a filter stopped, as <see cref="ViolationTrap"/> wrote it down.</summary>
/// <param name="Call">The call.</param>
/// <param name="IsForeign">It was made with another architecture's numbers: <paramref name="Call"/> is none of ours.</param>
/// <param name="Mark">The mark of the filter that stopped it.</param>
/// <param name="Instruction">Where in the process it was made.</param>
public sealed record ContainmentViolation(SystemCall Call, bool IsForeign, ushort Mark, ulong Instruction)
{
    /// <summary>Bytes of a record: the part of the kernel's siginfo_t that tells about a stopped call.</summary>
    public const int Length = 48;

    /// <summary>Reads a record; null when it is none.</summary>
    public static ContainmentViolation? Read(ReadOnlySpan<byte> record)
    {
        // si_signo, si_errno (the mark), si_code; at 16 si_call_addr, at 24 si_syscall and si_arch.
        if (record.Length < Length || Number(record) != LibC.SIGSYS)
        {
            return null;
        }

        bool foreign = unchecked((uint)Number(record[28..])) != SystemCall.Architecture;
        return new ContainmentViolation(
            new SystemCall(Number(record[24..])),
            foreign,
            unchecked((ushort)Number(record[4..])),
            BinaryPrimitives.ReadUInt64LittleEndian(record[16..]));
    }

    private static int Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes);
}
