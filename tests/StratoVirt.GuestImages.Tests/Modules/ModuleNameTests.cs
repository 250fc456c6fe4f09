using StratoVirt.GuestImages.Modules;
using Xunit;

namespace StratoVirt.GuestImages.Tests.Modules;

public class ModuleNameTests
{
    [Theory]
    [InlineData("kernel/drivers/char/hw_random/virtio-rng.ko", "virtio_rng")]
    [InlineData("ext4.ko.xz", "ext4")]
    [InlineData("ext4.ko.zst", "ext4")]
    [InlineData("modules.dep", null)]
    [InlineData(".ko", null)]
    [InlineData("vmlinux.kobold", null)]
    public void NameComesFromTheFile(string path, string? name) => Assert.Equal(name, ModuleName.OfFile(path));

    [Fact]
    public void BuiltInListIsReadInTheKernelsSpelling() => Assert.Equal(
        ["ext4", "crc32c_generic"],
        BuiltInModules.Parse(new StringReader("kernel/fs/ext4/ext4.ko\n\nkernel/crypto/crc32c-generic.ko\nnoise\n")));
}
