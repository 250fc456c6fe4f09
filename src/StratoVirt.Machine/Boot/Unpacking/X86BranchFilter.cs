using System.Buffers.Binary;

namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>
/// Undoes xz's x86 branch filter (BCJ, filter id 4): targets of CALL (E8) and JMP (E9) were made absolute to compress
/// better and become relative again. Works in place on consecutive pieces of a stream.
/// </summary>
/// <remarks>
/// A candidate is converted when its top target byte is 00 or FF and no opcode byte among the three bytes before it
/// makes it doubtful. Those recent opcodes are a three-bit history, newest lowest; the histories in which a candidate
/// still counts, and the target byte that decides the others, are given by the two tables (the format's definition).
/// </remarks>
internal struct X86BranchFilter
{
    /// <summary>An instruction's bytes: opcode and target. That many less one may wait for the next piece.</summary>
    public const int InstructionLength = 5;

    private uint _position;
    private uint _history;

    private static ReadOnlySpan<bool> Convertible => [true, true, true, false, true, false, false, false];

    private static ReadOnlySpan<byte> DecidingByte => [0, 1, 2, 2, 3, 3, 3, 3];

    /// <summary>Converts a piece.</summary>
    /// <param name="data">The piece, the unfinished rest of the one before it first.</param>
    /// <returns>Bytes that are final; the rest belongs at the front of the next piece, or is final at the end.</returns>
    public int Convert(Span<byte> data)
    {
        int end = data.Length - InstructionLength + 1;
        int next = 0;
        int lastOpcode = -1;
        while (next < end)
        {
            int found = data[next..end].IndexOfAny((byte)0xE8, (byte)0xE9);
            if (found < 0)
            {
                next = end;
                break;
            }

            int opcode = next + found;
            Age(opcode - lastOpcode);
            lastOpcode = opcode;
            next = opcode + 1;
            if (_history != 0 && (!Convertible[(int)_history] || IsExtreme(data[opcode + 4 - DecidingByte[(int)_history]])))
            {
                _history = (_history << 1) | 1;
            }
            else if (!IsExtreme(data[opcode + 4]))
            {
                _history = (_history << 1) | 1;
            }
            else
            {
                Relocate(data.Slice(opcode + 1, 4), _position + (uint)opcode + InstructionLength);
                next = opcode + InstructionLength;
                lastOpcode = next - 1;
                _history = 0;
            }
        }

        int done = Math.Max(0, next);
        Age(done - lastOpcode);
        _position += (uint)done;
        return done;
    }

    // Each byte passed since the last opcode moves it one place further back; behind three it no longer counts.
    private void Age(int distance) => _history = distance > 3 ? 0 : (_history << (distance - 1)) & 7;

    private readonly void Relocate(Span<byte> target, uint nextInstruction)
    {
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(target) - nextInstruction;
        if (_history != 0)
        {
            int shift = DecidingByte[(int)_history] * 8;
            if (IsExtreme((byte)(value >> (24 - shift))))
            {
                value = (value ^ ((1u << (32 - shift)) - 1)) - nextInstruction;
            }
        }

        // Only 25 bits of the target are kept; bit 24 is its sign.
        value &= 0x01FF_FFFF;
        value |= 0u - (value & 0x0100_0000);
        BinaryPrimitives.WriteUInt32LittleEndian(target, value);
    }

    private static bool IsExtreme(byte value) => value is 0x00 or 0xFF;
}
