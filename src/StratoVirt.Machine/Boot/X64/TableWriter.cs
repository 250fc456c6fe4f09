using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>Builds a firmware table field by field, little-endian, and makes its bytes add up to zero.</summary>
internal sealed class TableWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Bytes written.</summary>
    public int Length => _buffer.WrittenCount;

    /// <summary>The table so far.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>One byte.</summary>
    public void Byte(byte value) => _buffer.Write([value]);

    /// <summary>Two bytes.</summary>
    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.GetSpan(sizeof(ushort)), value);
        _buffer.Advance(sizeof(ushort));
    }

    /// <summary>Four bytes.</summary>
    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(sizeof(uint)), value);
        _buffer.Advance(sizeof(uint));
    }

    /// <summary>Eight bytes.</summary>
    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.GetSpan(sizeof(ulong)), value);
        _buffer.Advance(sizeof(ulong));
    }

    /// <summary>Bytes as they are.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    /// <summary>So many zero bytes.</summary>
    public void Zeros(int count)
    {
        _buffer.GetSpan(count)[..count].Clear();
        _buffer.Advance(count);
    }

    /// <summary>ASCII text in a field of fixed length, padded with spaces.</summary>
    public void Text(string text, int length) => Bytes(Encoding.ASCII.GetBytes(text.PadRight(length)[..length]));

    /// <summary>Sets the byte that makes the first <paramref name="length"/> bytes (all by default) add up to zero.</summary>
    public void Seal(int checksumOffset, int? length = null)
    {
        Span<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_buffer.WrittenMemory).Span;
        bytes[checksumOffset] = 0;
        byte sum = 0;
        foreach (byte value in bytes[..(length ?? bytes.Length)])
        {
            sum += value;
        }

        bytes[checksumOffset] = (byte)-sum;
    }
}
