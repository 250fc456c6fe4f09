using System.Buffers.Binary;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.Images;

namespace StratoVirt.Machine.Tests.Boot.Images;

public sealed class ImageFormatTests
{
    public static TheoryData<string, byte[], MachineErrorId, string> Refused => new()
    {
        { "vmlinux", [], MachineErrorId.KernelCorrupt, "empty" },
        { "vmlinux.bin", [], MachineErrorId.KernelCorrupt, "empty" },
        { "script", "#!/bin/sh\necho no kernel\n"u8.ToArray(), MachineErrorId.KernelUnrecognised, "text" },
        { "vmlinux.gz", [0x1F, 0x8B, 8, 0], MachineErrorId.KernelUnrecognised, "gzip" },
        { "initrd", "07070100000000"u8.ToArray(), MachineErrorId.KernelUnrecognised, "cpio" },
        { "package", "!<arch>\ndebian-binary"u8.ToArray(), MachineErrorId.KernelUnrecognised, "package" },
        { "noise", [0x00, 0x13, 0x37, 0x01], MachineErrorId.KernelUnrecognised, "no known format" },
        { "arm.bin", Arm64Image(), MachineErrorId.KernelArchitecture, "arm64" },
        { "arm", Arm64Image(), MachineErrorId.KernelArchitecture, "arm64" },
        { "short", "\u007fELF"u8.ToArray(), MachineErrorId.KernelCorrupt, "ends after 4 bytes" },
        { "short32", [0x7F, (byte)'E', (byte)'L', (byte)'F', 1, 1], MachineErrorId.KernelArchitecture, "32-bit" },
        { "aarch64", Elf(header => header.Machine = 183), MachineErrorId.KernelArchitecture, "aarch64" },
        { "big", Elf(header => header.Data = 2), MachineErrorId.KernelArchitecture, "big-endian" },
        { "module.ko", Elf(header => header.Type = 1), MachineErrorId.KernelUnrecognised, "module" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_no_kernel_is_refused_with_its_reason(string name, byte[] content, MachineErrorId id, string reason)
    {
        MachineException refusal = Assert.Throws<MachineException>(() => KernelImage.Recognise(BootFile.FromMemory(name, content)));
        Assert.Equal(id, refusal.Id);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refusal.RecommendedAction);
    }

    [Fact]
    public void Only_the_extension_bin_makes_a_raw_kernel()
    {
        byte[] content = [0xF4, 0xEB, 0xFD];
        Assert.IsType<RawKernel>(KernelImage.Recognise(BootFile.FromMemory("/x/guest.bin", content)));
        Assert.Throws<MachineException>(() => KernelImage.Recognise(BootFile.FromMemory("/x/guest", content)));
        Assert.IsType<ElfKernel>(KernelImage.Recognise(BootFile.FromMemory("/x/elf.bin", KernelBuilder.SimpleElf(true))));
    }

    [Fact]
    public void A_program_of_the_host_is_no_kernel()
    {
        MachineException refusal = Assert.Throws<MachineException>(() => KernelImage.Open("/bin/sh", null));
        Assert.Equal(MachineErrorId.KernelUnrecognised, refusal.Id);
        Assert.Contains("ordinary program", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nonexistent/vmlinuz")]
    [InlineData("/dev")]
    [InlineData("/dev/zero")]
    [InlineData("/bin/sh/vmlinuz")]
    public void What_is_no_file_is_missing(string path) =>
        Assert.Equal(MachineErrorId.KernelMissing, Assert.Throws<MachineException>(() => KernelImage.Open(path, null)).Id);

    private static byte[] Arm64Image()
    {
        byte[] image = new byte[128];
        "ARM\x64"u8.CopyTo(image.AsSpan(56));
        return image;
    }

    private static byte[] Elf(Action<HeaderBox> change)
    {
        byte[] image = KernelBuilder.SimpleElf(false);
        HeaderBox box = new(image);
        change(box);
        return image;
    }

    private sealed class HeaderBox(byte[] image)
    {
        public ushort Machine
        {
            set => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(18), value);
        }

        public byte Data
        {
            set => image[5] = value;
        }

        public ushort Type
        {
            set => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(16), value);
        }
    }
}
