using System.Text;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Tests.Boot.X64;

/// <summary>Guest memory as the boot loader leaves it, and eyes to look at it with.</summary>
internal sealed class BootedMachine : IDisposable
{
    private readonly BootPlan _plan;

    public BootedMachine(byte[] kernel, ulong memoryBytes = 64 << 20, int cpus = 1, bool acpi = true,
        byte[]? initrd = null, string? commandLine = null, IReadOnlyList<MmioSlot>? slots = null, bool unpack = false)
    {
        KernelImage image = KernelImage.Recognise(BootFile.FromMemory("kernel.bin", kernel));
        _plan = new BootPlan
        {
            Kernel = unpack ? ((StratoVirt.Machine.Boot.Images.BzImageKernel)image).Unpack(null) : image,
            Initrd = initrd is null ? null : BootFile.FromMemory("initrd", initrd),
            Cpus = cpus,
            Acpi = acpi,
            CommandLine = commandLine,
            MmioSlots = slots ?? [],
            PciHighWindow = Layout.PciHighWindow(memoryBytes),
        };
        Memory = GuestMemory.CreateAnonymous(BootLoader.MemoryLayout(memoryBytes));
    }

    public GuestMemory Memory { get; }

    public EntryPoint Load() => BootLoader.Load(_plan, Memory);

    public byte[] Read(ulong address, int length)
    {
        byte[] bytes = new byte[length];
        Assert.True(Memory.TryRead(new GuestAddress(address), bytes), $"0x{address:x} is not RAM");
        return bytes;
    }

    public T Read<T>(ulong address)
        where T : unmanaged
    {
        Assert.True(Memory.TryRead(new GuestAddress(address), out T value), $"0x{address:x} is not RAM");
        return value;
    }

    public string ReadText(ulong address)
    {
        byte[] bytes = Read(address, 4096);
        return Encoding.ASCII.GetString(bytes, 0, Array.IndexOf(bytes, (byte)0));
    }

    public void Dispose()
    {
        _plan.Dispose();
        Memory.Dispose();
    }
}
