using CsCheck;
using StratoVirt.Backends.Entropy;
using Xunit;

namespace StratoVirt.Backends.Tests.Entropy;

/// <summary>The stream against the vectors of RFC 8439, and against the standard written down word by word.</summary>
public sealed class ChaCha20Tests
{
    // Appendix A.1, vectors 1 and 2: key and nonce of zeros, blocks 0 and 1.
    [Fact]
    public void Zeros_give_the_standard_s_stream()
    {
        byte[] stream = new byte[128];
        ChaCha20.Expand(new byte[ChaCha20.KeyLength], stream);
        Assert.Equal(
            "76B8E0ADA0F13D90405D6AE55386BD28BDD219B8A08DED1AA836EFCC8B770DC7"
            + "DA41597C5157488D7724E03FB8D84A376A43B8F41518A11CC387B669B2EE6586"
            + "9F07E7BE5551387A98BA977C732D080DCB0F29A048E3656912C6533E32EE7AED"
            + "29B721769CE64E43D57133B074D839D531ED1F28510AFB45ACE10A1F4B794D6F",
            Convert.ToHexString(stream));
    }

    [Fact]
    public void Any_key_and_length_give_the_standard_s_stream() =>
        Gen.Select(Gen.Byte.Array[ChaCha20.KeyLength], Gen.Int[0, 3 * ChaCha20.StepLength]).Sample((key, length) =>
        {
            byte[] stream = new byte[length + 1];
            stream[length] = 0xA5;
            ChaCha20.Expand(key, stream.AsSpan(0, length));
            Assert.Equal(0xA5, stream[length]);
            Assert.Equal(Convert.ToHexString(Reference(key, length)), Convert.ToHexString(stream, 0, length));
        });

    private static byte[] Reference(byte[] key, int length)
    {
        List<byte> stream = [];
        for (uint block = 0; stream.Count < length; block++)
        {
            uint[] start = [0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574, .. Words(key), block, 0, 0, 0];
            uint[] state = [.. start];
            for (int i = 0; i < 10; i++)
            {
                for (int column = 0; column < 4; column++)
                {
                    QuarterRound(state, column, 4 + column, 8 + column, 12 + column);
                }

                for (int diagonal = 0; diagonal < 4; diagonal++)
                {
                    QuarterRound(
                        state, diagonal, 4 + ((diagonal + 1) % 4), 8 + ((diagonal + 2) % 4), 12 + ((diagonal + 3) % 4));
                }
            }

            stream.AddRange(state.Zip(start, (word, first) => word + first).SelectMany(BitConverter.GetBytes));
        }

        return [.. stream.Take(length)];
    }

    private static IEnumerable<uint> Words(byte[] key) => key.Chunk(4).Select(part => BitConverter.ToUInt32(part));

    private static void QuarterRound(uint[] state, int a, int b, int c, int d)
    {
        foreach ((int left, int right) in (ReadOnlySpan<(int, int)>)[(16, 12), (8, 7)])
        {
            state[a] += state[b];
            state[d] = uint.RotateLeft(state[d] ^ state[a], left);
            state[c] += state[d];
            state[b] = uint.RotateLeft(state[b] ^ state[c], right);
        }
    }
}
