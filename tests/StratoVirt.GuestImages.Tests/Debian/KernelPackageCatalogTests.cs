using System.Diagnostics;
using StratoVirt.GuestImages.Debian;
using Xunit;

namespace StratoVirt.GuestImages.Tests.Debian;

public class KernelPackageCatalogTests
{
    [Theory]
    [InlineData("lib/modules")]
    [InlineData("usr/lib/modules")]
    public void KernelAndModulesAreFound(string modules)
    {
        using var directory = new TemporaryDirectory();
        string package = Package(directory, root =>
        {
            root("boot/vmlinuz-6.1.0-test", [1, 2, 3]);
            root($"{modules}/6.1.0-test/modules.builtin", "kernel/fs/ext4/ext4.ko\n"u8.ToArray());
            root($"{modules}/6.1.0-test/kernel/virtio-rng.ko", ModuleImage.Create("virtio"));
            root($"{modules}/6.1.0-test/kernel/virtio.ko", ModuleImage.Create(""));
        });
        string kernel = Path.Combine(directory.Path, "kernel");

        KernelPackageCatalog catalog = KernelPackageCatalog.Read(package, kernel, CancellationToken.None);

        Assert.Equal("6.1.0-test", catalog.KernelRelease);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(kernel));
        Assert.Equal(["ext4"], catalog.BuiltIn);
        Assert.Equal(["virtio"], catalog.Find("virtio_rng")!.Depends);
        Assert.Null(catalog.Find("ext4"));
        Assert.Equal(
            ModuleImage.Create(""), catalog.Load(["virtio"], CancellationToken.None)["virtio"]);
    }

    [Fact]
    public void PackageWithoutKernelIsRefused()
    {
        using var directory = new TemporaryDirectory();
        string package = Package(directory, root => root("usr/share/doc/x", [1]));

        AssertDamaged(package, directory);
    }

    [Fact]
    public void TruncatedPackageIsRefused()
    {
        using var directory = new TemporaryDirectory();
        string package = Package(directory, root => root("boot/vmlinuz-6.1.0-test", new byte[100_000]));
        using (FileStream file = File.OpenWrite(package))
        {
            file.SetLength(file.Length - 40);
        }

        AssertDamaged(package, directory);
    }

    private static void AssertDamaged(string package, TemporaryDirectory directory) => Assert.Equal(
        GuestImageErrorId.PackageDamaged,
        Assert.Throws<GuestImageException>(() => KernelPackageCatalog.Read(
            package, Path.Combine(directory.Path, "kernel"), CancellationToken.None)).Id);

    private static string Package(TemporaryDirectory directory, Action<Action<string, byte[]>> fill)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/dpkg-deb"), "There is no dpkg-deb.");
        fill((path, content) => directory.File("root/" + path, content));
        directory.File(
            "root/DEBIAN/control",
            "Package: test-kernel\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: test\n"u8.ToArray());
        string package = Path.Combine(directory.Path, "test.deb");
        using var build = Process.Start(new ProcessStartInfo(
            "dpkg-deb", ["--build", "-Zxz", "--root-owner-group", Path.Combine(directory.Path, "root"), package])
        { RedirectStandardOutput = true })!;
        build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.Equal(0, build.ExitCode);
        return package;
    }
}
