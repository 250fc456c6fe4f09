using System.Buffers.Binary;

namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>CRC-32 as IEEE 802.3, gzip and xz use it (polynomial 0xEDB88320, reflected), eight bytes a step.</summary>
internal struct Crc32
{
    private const int Lanes = 8;

    private static readonly uint[] Table = BuildTable();

    private uint _inverted;

    /// <summary>The checksum of everything added so far.</summary>
    public readonly uint Value => _inverted;

    /// <summary>The checksum of one span.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        Crc32 crc = default;
        crc.Add(data);
        return crc.Value;
    }

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<uint> table = Table;
        uint crc = ~_inverted;
        while (data.Length >= Lanes)
        {
            uint low = crc ^ BinaryPrimitives.ReadUInt32LittleEndian(data);
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            crc = table[(7 << 8) | (byte)low]
                ^ table[(6 << 8) | (byte)(low >> 8)]
                ^ table[(5 << 8) | (byte)(low >> 16)]
                ^ table[(4 << 8) | (byte)(low >> 24)]
                ^ table[(3 << 8) | (byte)high]
                ^ table[(2 << 8) | (byte)(high >> 8)]
                ^ table[(1 << 8) | (byte)(high >> 16)]
                ^ table[(byte)(high >> 24)];
            data = data[Lanes..];
        }

        foreach (byte value in data)
        {
            crc = table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        _inverted = ~crc;
    }

    // Lane n holds the CRC of a byte that n zero bytes follow.
    private static uint[] BuildTable()
    {
        uint[] table = new uint[Lanes << 8];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }

            table[value] = crc;
        }

        for (int i = 256; i < table.Length; i++)
        {
            table[i] = table[(byte)table[i - 256]] ^ (table[i - 256] >> 8);
        }

        return table;
    }
}
