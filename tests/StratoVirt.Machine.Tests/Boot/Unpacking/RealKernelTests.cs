using System.Diagnostics;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.Images;
using StratoVirt.Machine.Boot.Unpacking;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Tests.Boot.Unpacking;

/// <summary>Kernels that distributions ship, where there are any: in $STRATOVIRT_TEST_KERNELS, else in /boot.</summary>
public sealed class RealKernelTests(ITestOutputHelper output)
{
    [Fact]
    public void Distribution_kernels_are_unpacked_and_loaded()
    {
        string directory = Environment.GetEnvironmentVariable("STRATOVIRT_TEST_KERNELS") ?? "/boot";
        string[] kernels = Directory.Exists(directory) ? Directory.GetFiles(directory, "vmlinuz-*") : [];
        Assert.SkipWhen(kernels.Length == 0, $"there is no kernel in {directory}");
        string cache = Directory.CreateTempSubdirectory("kernels-").FullName;
        try
        {
            foreach (string path in kernels)
            {
                Stopwatch watch = Stopwatch.StartNew();
                Open(path, cache).Dispose();
                TimeSpan first = watch.Elapsed;
                watch.Restart();
                ElfKernel kernel = Open(path, cache);
                TimeSpan second = watch.Elapsed;
                using BootPlan plan = new() { Kernel = kernel, Cpus = 4 };
                using GuestMemory memory = GuestMemory.CreateAnonymous(BootLoader.MemoryLayout(256 << 20));
                watch.Restart();
                EntryPoint entry = BootLoader.Load(plan, memory);
                TimeSpan load = watch.Elapsed;
                output.WriteLine(
                    $"{path}: unpacked in {first.TotalMilliseconds:F0} ms, from cache {second.TotalMilliseconds:F1} ms, "
                    + $"loaded in {load.TotalMilliseconds:F1} ms, PVH 0x{kernel.PvhEntry:x}, entry 0x{entry.Rip:x}, end 0x{kernel.End:x}");
                Assert.NotNull(kernel.PvhEntry);
                Assert.Equal(EntryMode.Protected32, entry.Mode);
            }
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    private static ElfKernel Open(string path, string cache) =>
        Assert.IsType<ElfKernel>(KernelImage.Open(path, new KernelCache(cache)));
}
