using CsCheck;
using StratoVirt.Backends.Block;
using StratoVirt.Linux;
using StratoVirt.Memory;
using Xunit;

namespace StratoVirt.Backends.Tests.Block;

/// <summary>Random requests leave an image as they leave an array of bytes, whatever does the I/O.</summary>
public sealed class BlockModelTests
{
    private const int Sectors = 256;
    private const int Sector = 512;

    private static readonly Gen<(BlockOperation Operation, int Sector, int Count, int Cut, byte Fill)[]> Requests =
        Gen.Select(
            Gen.Enum<BlockOperation>(), Gen.Int[0, Sectors - 1], Gen.Int[1, 40], Gen.Int[0, 2000], Gen.Byte)
        .Array[1, 25];

    [Theory]
    [InlineData(BlockEngine.IoUring, false)]
    [InlineData(BlockEngine.Threads, false)]
    [InlineData(BlockEngine.IoUring, true)]
    [InlineData(BlockEngine.Threads, true)]
    public void AnImageIsAnArrayOfBytes(BlockEngine engine, bool direct)
    {
        ImageUnderTest image;
        try
        {
            image = new ImageUnderTest(engine, Sectors * Sector, options => options with { Direct = direct });
        }
        catch (BlockImageException refused) when (direct)
        {
            Assert.Skip(refused.Message);
            return;
        }

        using (image)
        {
            Assert.SkipWhen(image.Backend.LogicalBlock != Sector, "the host has larger blocks");
            byte[] model = new byte[Sectors * Sector];
            GuestBuffer memory = image.Memory(40 * Sector, skew: direct ? 1 : 0);
            Requests.Sample(
                requests =>
                {
                    foreach ((BlockOperation operation, int sector, int count, int cut, byte fill) in requests)
                    {
                        Apply(image, model, memory, operation, sector, Math.Min(count, Sectors - sector), cut, fill);
                    }

                    return image.Content().AsSpan().SequenceEqual(model);
                },
                iter: 60,
                threads: 1);
        }
    }

    private static void Apply(
        ImageUnderTest image, byte[] model, GuestBuffer memory, BlockOperation operation, int sector, int count, int cut, byte fill)
    {
        Span<byte> expected = model.AsSpan(sector * Sector, count * Sector);
        GuestBuffer whole = memory.Slice(0, expected.Length);
        cut = Math.Min(cut, whole.Length);
        GuestBuffer[] parts = [whole.Slice(0, cut), whole.Slice(cut, whole.Length - cut)];
        long offset = (long)sector * Sector;
        switch (operation)
        {
            case BlockOperation.Read:
                Assert.Equal(Errno.None, image.Read(offset, parts));
                Assert.True(whole.Span.SequenceEqual(expected));
                break;
            case BlockOperation.Write:
                new Random(fill).NextBytes(whole.Span);
                Assert.Equal(Errno.None, image.Write(offset, parts));
                whole.Span.CopyTo(expected);
                break;
            case BlockOperation.Flush:
                Assert.Equal(Errno.None, image.Run(BlockOperation.Flush, 0));
                break;
            case BlockOperation.Discard:
                Assert.Equal(Errno.None, image.Run(BlockOperation.Discard, offset, expected.Length));
                if (image.Backend.CanUnmap)
                {
                    expected.Clear();
                }

                break;
            default:
                BlockIoOptions options = fill % 2 == 0 ? BlockIoOptions.MayUnmap : BlockIoOptions.Durable;
                Assert.Equal(Errno.None, image.Run(BlockOperation.WriteZeroes, offset, expected.Length, options));
                expected.Clear();
                break;
        }
    }
}
