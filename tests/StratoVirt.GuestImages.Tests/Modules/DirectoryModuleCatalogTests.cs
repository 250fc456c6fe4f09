using StratoVirt.GuestImages.Modules;
using Xunit;

namespace StratoVirt.GuestImages.Tests.Modules;

public class DirectoryModuleCatalogTests
{
    [Fact]
    public void FindsModulesBelowTheDirectory()
    {
        using var directory = new TemporaryDirectory();
        byte[] image = ModuleImage.Create("virtio");
        directory.File("kernel/drivers/char/virtio-rng.ko", image);
        directory.File("modules.builtin", "kernel/drivers/virtio/virtio.ko\n"u8.ToArray());
        var catalog = new DirectoryModuleCatalog(directory.Path, CancellationToken.None);

        Assert.Equal(["virtio"], catalog.Find("virtio_rng")!.Depends);
        Assert.Null(catalog.Find("virtio"));
        Assert.Contains("virtio", catalog.BuiltIn);
        Assert.Equal(image, catalog.Load(["virtio_rng"], CancellationToken.None)["virtio_rng"]);
    }

    [Fact]
    public void LinksAreNotFollowed()
    {
        using var directory = new TemporaryDirectory();
        directory.File("kernel/a.ko", ModuleImage.Create(""));
        Directory.CreateSymbolicLink(Path.Combine(directory.Path, "build"), directory.Path);

        Assert.NotNull(new DirectoryModuleCatalog(directory.Path, CancellationToken.None).Find("a"));
    }

    [Fact]
    public void CompressedModuleIsRefusedWhenItIsNeeded()
    {
        using var directory = new TemporaryDirectory();
        directory.File("kernel/a.ko.xz", [1]);
        var catalog = new DirectoryModuleCatalog(directory.Path, CancellationToken.None);

        var refused = Assert.Throws<GuestImageException>(() => catalog.Find("a"));
        Assert.Equal(GuestImageErrorId.FileUnusable, refused.Id);
        Assert.Contains("compressed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EmptyModuleIsRefused()
    {
        using var directory = new TemporaryDirectory();
        directory.File("a.ko", []);
        var catalog = new DirectoryModuleCatalog(directory.Path, CancellationToken.None);

        Assert.Equal(
            GuestImageErrorId.ModuleDamaged, Assert.Throws<GuestImageException>(() => catalog.Find("a")).Id);
    }

    [Fact]
    public void MissingDirectoryIsNamed() => Assert.Contains(
        "/nowhere",
        Assert.Throws<GuestImageException>(() => new DirectoryModuleCatalog("/nowhere", CancellationToken.None)).Message,
        StringComparison.Ordinal);
}
