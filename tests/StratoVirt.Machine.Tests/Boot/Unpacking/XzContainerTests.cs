using CsCheck;
using StratoVirt.Machine.Boot.Unpacking;

namespace StratoVirt.Machine.Tests.Boot.Unpacking;

public sealed class XzContainerTests
{
    [Fact]
    public void What_xz_packed_with_the_x86_filter_comes_out_as_it_was()
    {
        using MemoryStream output = new();
        XzContainer.Unpack(new MemoryStream(BranchyBytes.ReadXz()), output);
        Assert.True(BranchyBytes.Create().AsSpan().SequenceEqual(output.ToArray()));
    }

    [Fact]
    public void The_filter_does_not_care_where_a_stream_is_cut_into_pieces()
    {
        byte[] whole = BranchyBytes.Create();
        X86BranchFilter wholeFilter = default;
        _ = wholeFilter.Convert(whole);
        Gen.Int[0, 40].Array[1, 50].Sample(
            sizes =>
            {
                byte[] pieces = BranchyBytes.Create();
                X86BranchFilter filter = default;
                int done = 0;
                int given = 0;
                for (int i = 0; given < pieces.Length; i++)
                {
                    given = Math.Min(pieces.Length, given + sizes[i % sizes.Length] + 1);
                    done += filter.Convert(pieces.AsSpan(done, given - done));
                }

                Assert.True(whole.AsSpan().SequenceEqual(pieces));
            },
            iter: 50);
    }

    [Fact]
    public void A_flipped_bit_is_noticed()
    {
        byte[] packed = BranchyBytes.ReadXz();
        byte[] expected = BranchyBytes.Create();
        const int BeforeIndex = 40;
        Gen.Select(Gen.Int[0, packed.Length - BeforeIndex], Gen.Int[0, 7]).Sample(
            (at, bit) =>
            {
                byte[] damaged = (byte[])packed.Clone();
                damaged[at] ^= (byte)(1 << bit);
                using MemoryStream output = new();
                try
                {
                    XzContainer.Unpack(new MemoryStream(damaged), new BoundedOutput(output, expected.Length));
                }
                catch (Exception)
                {
                    return;
                }

                // The bits of a dictionary size may change without harm; everything else is under a checksum.
                Assert.True(expected.AsSpan().SequenceEqual(output.ToArray()));
            },
            iter: 300);
    }

    [Fact]
    public void An_end_too_early_is_noticed()
    {
        byte[] packed = BranchyBytes.ReadXz();
        for (int length = 0; length < packed.Length - 40; length += 97)
        {
            MemoryStream cut = new(packed, 0, length);
            Assert.ThrowsAny<Exception>(() => XzContainer.Unpack(cut, new BoundedOutput(Stream.Null, BranchyBytes.Length)));
        }
    }

    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xCBF43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void The_checksum_is_the_well_known_one(string text, uint expected) =>
        Assert.Equal(expected, Crc32.Compute(System.Text.Encoding.ASCII.GetBytes(text)));
}
