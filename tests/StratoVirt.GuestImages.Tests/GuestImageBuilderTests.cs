using System.IO.Compression;
using StratoVirt.GuestImages.Initramfs;
using StratoVirt.GuestImages.Tests.Initramfs;
using Xunit;

namespace StratoVirt.GuestImages.Tests;

public class GuestImageBuilderTests
{
    [Fact]
    public void FilesBecomeAnInitramfsInLoadOrder()
    {
        using var files = new Files();

        GuestImage image = Build(files.Request);

        Assert.Equal(files.Kernel, image.KernelPath);
        Assert.Equal("6.1.0-test", image.KernelRelease);
        Assert.Equal(["virtio_ring", "virtio", "virtio_blk"], image.Modules);
        var entries = Entries(image).ToDictionary(entry => entry.Name);
        Assert.Equal(files.BusyBox, entries["bin/busybox"].Content);
        Assert.Equal(ModuleImage.Create("virtio,virtio_ring"), entries["lib/modules/virtio_blk.ko"].Content);
        Assert.All(["init", "dev/console", "bin/sh", "proc", "sys", "tmp", InitScript.PowerButtonPath], name => Assert.Contains(name, entries));
        Assert.All(entries.Keys.Where(name => name.Contains('/')), name => Assert.Contains(name[..name.LastIndexOf('/')], entries));
    }

    [Fact]
    public void AdditionalModulesComeLastAndMustBeThere()
    {
        using var files = new Files();

        GuestImage image = Build(files.Request with { Modules = ["virtio_ring"], AdditionalModules = ["virtio_blk"] });

        Assert.Equal(["virtio_ring", "virtio", "virtio_blk"], image.Modules);
        GuestImageException missing = Assert.Throws<GuestImageException>(
            () => Build(files.Request with { SkipMissingModules = true, AdditionalModules = ["nosuch"] }));
        Assert.Equal(GuestImageErrorId.ModuleNotFound, missing.Id);
    }

    [Fact]
    public void TheSameRequestFindsTheSameImage()
    {
        using var files = new Files();
        GuestImage first = Build(files.Request);
        DateTime written = File.GetLastWriteTimeUtc(first.InitrdPath);
        byte[] bytes = File.ReadAllBytes(first.InitrdPath);

        GuestImage second = Build(files.Request);
        Assert.Equal(first.InitrdPath, second.InitrdPath);
        Assert.Equal(first.Modules, second.Modules);
        Assert.Equal(written, File.GetLastWriteTimeUtc(second.InitrdPath));

        Directory.Delete(Path.GetDirectoryName(first.InitrdPath)!, recursive: true);
        Assert.Equal(bytes, File.ReadAllBytes(Build(files.Request).InitrdPath));
    }

    [Fact]
    public void EverythingThatGoesInCounts()
    {
        using var files = new Files();
        var paths = new List<string>
        {
            Build(files.Request).InitrdPath,
            Build(files.Request with { HostName = "other" }).InitrdPath,
            Build(files.Request with { Modules = ["virtio"] }).InitrdPath,
            Build(files.Request with { Modules = [], AdditionalModules = ["virtio"] }).InitrdPath,
            Build(files.Request with { BootMark = false }).InitrdPath,
        };
        files.Directory.File("modules/virtio_blk.ko", ModuleImage.Create("virtio_ring"));
        paths.Add(Build(files.Request).InitrdPath);

        Assert.Equal(paths.Count, paths.Distinct().Count());
    }

    [Fact]
    public void HalfAnImageIsMadeAgain()
    {
        using var files = new Files();
        GuestImage image = Build(files.Request);
        string manifest = Path.Combine(Path.GetDirectoryName(image.InitrdPath)!, GuestImageManifest.FileName);
        File.WriteAllText(manifest, "{ \"KernelRelease\": ");

        Assert.Equal(image.Modules, Build(files.Request).Modules);
        Assert.NotNull(GuestImageManifest.TryRead(Path.GetDirectoryName(image.InitrdPath)!));
    }

    [Fact]
    public void NothingHalfMadeIsLeft()
    {
        using var files = new Files();
        Build(files.Request);

        Assert.Empty(Directory.EnumerateDirectories(files.Cache, ".staging-*", SearchOption.AllDirectories));
    }

    [Fact]
    public void ModulesOfAnotherKernelAreRefused()
    {
        using var files = new Files();
        files.Directory.File("modules/virtio_ring.ko", ModuleImage.Create("", "6.2.0-other SMP"));

        AssertFails(GuestImageErrorId.InvalidRequest, "6.2.0-other", files.Request);
    }

    [Fact]
    public void EachMistakeHasItsError()
    {
        using var files = new Files();
        GuestImageRequest request = files.Request;
        AssertFails(GuestImageErrorId.InvalidRequest, "'a/b'", request with { Modules = ["a/b"] });
        AssertFails(GuestImageErrorId.InvalidRequest, "'a;reboot'", request with { HostName = "a;reboot" });
        AssertFails(GuestImageErrorId.InvalidRequest, "''", request with { HostName = "" });
        AssertFails(
            GuestImageErrorId.FileUnusable, "/nowhere", request with { Kernel = new GuestKernel.Files("/nowhere", null) });
        AssertFails(
            GuestImageErrorId.FileUnusable,
            "/nomodules",
            request with { Kernel = new GuestKernel.Files(files.Kernel, "/nomodules") });
        AssertFails(GuestImageErrorId.FileUnusable, files.Kernel, request with { BusyBox = files.Kernel });
        AssertFails(
            GuestImageErrorId.ModuleNotFound, "'zram'", request with { Modules = ["zram"], SkipMissingModules = false });
        AssertFails(GuestImageErrorId.CacheUnwritable, "/proc/", request with { CacheDirectory = "/proc/nowhere" });
        AssertFails(
            GuestImageErrorId.InvalidRequest,
            "'--help'",
            request with { Kernel = new GuestKernel.DebianPackage("--help") });
    }

    [Fact]
    public void CancellationLeavesNothing()
    {
        using var files = new Files();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(
            () => GuestImageBuilder.Build(files.Request, cancellationToken: cancelled.Token));
        Assert.False(Directory.Exists(Path.Combine(files.Cache, "images")));
    }

    private static GuestImage Build(GuestImageRequest request) =>
        GuestImageBuilder.Build(request, cancellationToken: TestContext.Current.CancellationToken);

    private static void AssertFails(GuestImageErrorId id, string mention, GuestImageRequest request)
    {
        var failure = Assert.Throws<GuestImageException>(() => Build(request));
        Assert.Equal(id, failure.Id);
        Assert.Contains(mention, failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.RecommendedAction);
    }

    private static List<CpioReader.Entry> Entries(GuestImage image)
    {
        using var gzip = new GZipStream(File.OpenRead(image.InitrdPath), CompressionMode.Decompress);
        using var archive = new MemoryStream();
        gzip.CopyTo(archive);
        return CpioReader.Read(archive.ToArray());
    }

    private sealed class Files : IDisposable
    {
        public Files()
        {
            byte[] kernel = new byte[0x400];
            "HdrS"u8.CopyTo(kernel.AsSpan(0x202));
            kernel[0x20E] = 0x20;
            "6.1.0-test #1"u8.CopyTo(kernel.AsSpan(0x220));
            Kernel = Directory.File("vmlinuz", kernel);
            Directory.File("modules/virtio_ring.ko", ModuleImage.Create(""));
            Directory.File("modules/virtio.ko", ModuleImage.Create("virtio_ring"));
            Directory.File("modules/virtio_blk.ko", ModuleImage.Create("virtio,virtio_ring"));
            Request = new GuestImageRequest
            {
                Kernel = new GuestKernel.Files(Kernel, Path.Combine(Directory.Path, "modules")),
                Modules = ["virtio_blk", "absent"],
                BusyBox = Directory.File("busybox", BusyBox),
                CacheDirectory = Cache,
            };
        }

        public TemporaryDirectory Directory { get; } = new();

        public byte[] BusyBox { get; } = BootMarkProgram.Create(0, 0, "/any/static/program");

        public string Kernel { get; }

        public string Cache => Path.Combine(Directory.Path, "cache");

        public GuestImageRequest Request { get; }

        public void Dispose() => Directory.Dispose();
    }
}
