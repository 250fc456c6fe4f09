using System.Buffers.Binary;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.Images;
using StratoVirt.Machine.Boot.Unpacking;

namespace StratoVirt.Machine.Tests.Boot.Unpacking;

public sealed class BzImagePayloadTests
{
    /// <summary>More than one LZ4 block.</summary>
    private static readonly byte[] Kernel = KernelBuilder.SimpleElf(true, 9 << 20);

    public static TheoryData<string> Compressions => new("gzip", "zstd", "lz4");

    [Theory]
    [MemberData(nameof(Compressions))]
    public void The_kernel_inside_is_what_was_packed(string compression)
    {
        using BzImageKernel image = Parse(KernelBuilder.BzImage(Pack(compression)));
        using BootFile unpacked = BzImagePayload.Find(image)!.UnpackToMemory();
        byte[] content = new byte[unpacked.Length];
        Assert.True(unpacked.TryRead(0, content));
        Assert.True(Kernel.AsSpan().SequenceEqual(content));
        using KernelImage kernel = image.Unpack(null);
        Assert.Equal(KernelBuilder.LoadAddress + 0x20, Assert.IsType<ElfKernel>(kernel).PvhEntry);
    }

    [Theory]
    [MemberData(nameof(Compressions))]
    public void A_wrong_length_word_is_damage(string compression)
    {
        foreach (int wrong in (int[])[-1, 1, int.MaxValue])
        {
            byte[] payload = Pack(compression);
            Span<byte> word = payload.AsSpan(payload.Length - 4);
            int length = BinaryPrimitives.ReadInt32LittleEndian(word);
            BinaryPrimitives.WriteInt32LittleEndian(word, wrong == int.MaxValue ? wrong : length + wrong);
            using BzImageKernel image = Parse(KernelBuilder.BzImage(payload));
            MachineException refusal = Assert.Throws<MachineException>(() => image.Unpack(null));
            Assert.Equal(MachineErrorId.KernelCorrupt, refusal.Id);
        }
    }

    [Fact]
    public void What_the_host_cannot_unpack_is_left_to_the_guest()
    {
        using BzImageKernel image = Parse(KernelBuilder.BzImage(KernelBuilder.WithSizeWord("BZh91AY&SY"u8.ToArray(), 1 << 20)));
        Assert.Same(image, image.Unpack(null));
        using BzImageKernel noElf = Parse(KernelBuilder.BzImage(Payloads.Gzip(KernelBuilder.Pattern(5000))));
        Assert.Same(noElf, noElf.Unpack(null));
    }

    [Fact]
    public void A_payload_outside_the_file_is_damage()
    {
        byte[] packed = KernelBuilder.BzImage(
            Pack("gzip"), image => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x24C), 0x7FFF_FFFF));
        using BzImageKernel kernel = Parse(packed);
        Assert.Equal(MachineErrorId.KernelCorrupt, Assert.Throws<MachineException>(() => kernel.Unpack(null)).Id);
    }

    private static byte[] Pack(string compression) => compression switch
    {
        "gzip" => Payloads.Gzip(Kernel),
        "zstd" => Payloads.Zstd(Kernel),
        _ => Payloads.Lz4(Kernel),
    };

    private static BzImageKernel Parse(byte[] image) => (BzImageKernel)KernelImage.Recognise(BootFile.FromMemory("test", image));
}
