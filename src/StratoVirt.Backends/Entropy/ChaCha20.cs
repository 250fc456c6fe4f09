using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StratoVirt.Backends.Entropy;

/// <summary>The key stream of ChaCha20 (RFC 8439 §2.3), four blocks at a time. Takes the same time whatever the
/// key.</summary>
internal static class ChaCha20
{
    /// <summary>Length of a key, in bytes.</summary>
    internal const int KeyLength = 32;

    /// <summary>What one step makes, in bytes; a destination of a multiple of it needs no copy.</summary>
    internal const int StepLength = Lanes * BlockLength;

    private const int BlockLength = 64;
    private const int Lanes = 4;
    private const int DoubleRounds = 10;

    /// <summary>Fills a span with the stream from block 0 on, with a nonce of zeros: a key serves once. The stream is
    /// written and never read back, so others may see the span meanwhile.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="destination">Up to 256 GiB, which no span reaches: the block counter has 32 bits.</param>
    internal static void Expand(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        Vector128<uint> low = MemoryMarshal.Read<Vector128<uint>>(key);
        Vector128<uint> high = MemoryMarshal.Read<Vector128<uint>>(key[16..KeyLength]);
        uint block = 0;
        for (; destination.Length >= StepLength; destination = destination[StepLength..])
        {
            Step(low, high, block, destination[..StepLength]);
            block += Lanes;
        }

        if (!destination.IsEmpty)
        {
            Span<byte> last = stackalloc byte[StepLength];
            Step(low, high, block, last);
            last[..destination.Length].CopyTo(destination);
            last.Clear();
        }
    }

    // A block's state is four rows of four words (§2.3): constants, two of the key, and counter with nonce. Four blocks
    // side by side keep the processor busy where one would wait for itself.
    private static void Step(Vector128<uint> low, Vector128<uint> high, uint block, Span<byte> destination)
    {
        Vector128<uint> constants = Vector128.Create(0x6170_7865u, 0x3320_646E, 0x7962_2D32, 0x6B20_6574);
        Vector128<uint> count0 = Vector128.CreateScalar(block);
        Vector128<uint> count1 = Vector128.CreateScalar(block + 1);
        Vector128<uint> count2 = Vector128.CreateScalar(block + 2);
        Vector128<uint> count3 = Vector128.CreateScalar(block + 3);
        Vector128<uint> a0 = constants, b0 = low, c0 = high, d0 = count0;
        Vector128<uint> a1 = constants, b1 = low, c1 = high, d1 = count1;
        Vector128<uint> a2 = constants, b2 = low, c2 = high, d2 = count2;
        Vector128<uint> a3 = constants, b3 = low, c3 = high, d3 = count3;
        for (int i = 0; i < DoubleRounds; i++)
        {
            Mix(ref a0, ref b0, ref c0, ref d0);
            Mix(ref a1, ref b1, ref c1, ref d1);
            Mix(ref a2, ref b2, ref c2, ref d2);
            Mix(ref a3, ref b3, ref c3, ref d3);
            Turn(ref b0, ref c0, ref d0);
            Turn(ref b1, ref c1, ref d1);
            Turn(ref b2, ref c2, ref d2);
            Turn(ref b3, ref c3, ref d3);
            Mix(ref a0, ref b0, ref c0, ref d0);
            Mix(ref a1, ref b1, ref c1, ref d1);
            Mix(ref a2, ref b2, ref c2, ref d2);
            Mix(ref a3, ref b3, ref c3, ref d3);

            // The same turn the other way round: the second row's is the fourth's.
            Turn(ref d0, ref c0, ref b0);
            Turn(ref d1, ref c1, ref b1);
            Turn(ref d2, ref c2, ref b2);
            Turn(ref d3, ref c3, ref b3);
        }

        Store(destination, a0 + constants, b0 + low, c0 + high, d0 + count0);
        Store(destination[BlockLength..], a1 + constants, b1 + low, c1 + high, d1 + count1);
        Store(destination[(2 * BlockLength)..], a2 + constants, b2 + low, c2 + high, d2 + count2);
        Store(destination[(3 * BlockLength)..], a3 + constants, b3 + low, c3 + high, d3 + count3);
    }

    // Four quarter rounds at once (§2.1), one a column.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d)
    {
        a += b;
        d ^= a;
        d = (d << 16) | (d >>> 16);
        c += d;
        b ^= c;
        b = (b << 12) | (b >>> 20);
        a += b;
        d ^= a;
        d = (d << 8) | (d >>> 24);
        c += d;
        b ^= c;
        b = (b << 7) | (b >>> 25);
    }

    // Makes columns of the diagonals.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(ref Vector128<uint> once, ref Vector128<uint> twice, ref Vector128<uint> thrice)
    {
        once = Vector128.Shuffle(once, Vector128.Create(1u, 2, 3, 0));
        twice = Vector128.Shuffle(twice, Vector128.Create(2u, 3, 0, 1));
        thrice = Vector128.Shuffle(thrice, Vector128.Create(3u, 0, 1, 2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        Span<byte> destination, Vector128<uint> a, Vector128<uint> b, Vector128<uint> c, Vector128<uint> d)
    {
        MemoryMarshal.Write(destination, in a);
        MemoryMarshal.Write(destination[16..], in b);
        MemoryMarshal.Write(destination[32..], in c);
        MemoryMarshal.Write(destination[48..], in d);
    }
}
