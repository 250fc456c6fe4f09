using StratoVirt.Machine;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.Images;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Tests.Boot;
using StratoVirt.Machine.Tests.Boot.Unpacking;
using StratoVirt.Memory;

namespace StratoVirt.Fuzz.Boot;

/// <summary>Kernel files: whatever they hold, they are loaded or refused with a <see cref="MachineException"/>.</summary>
internal static class KernelTargets
{
    private const ulong MemoryLength = 64 << 20;

    public static FuzzTarget Elf { get; } = new(
        "elf", () => [KernelBuilder.SimpleElf(true), KernelBuilder.SimpleElf(false)], BootOrRefuse);

    public static FuzzTarget BzImage { get; } = new("bzimage", BzImageSeeds, BootOrRefuse);

    private static IEnumerable<byte[]> BzImageSeeds()
    {
        byte[] kernel = KernelBuilder.SimpleElf(true);
        return
        [
            KernelBuilder.BzImage(Payloads.Gzip(kernel)),
            KernelBuilder.BzImage(Payloads.Zstd(kernel)),
            KernelBuilder.BzImage(Payloads.Lz4(kernel)),
            KernelBuilder.BzImage(KernelBuilder.WithSizeWord(BranchyBytes.ReadXz(), BranchyBytes.Length)),
            KernelBuilder.BzImage(KernelBuilder.WithSizeWord("BZh91AY&SY"u8.ToArray(), kernel.Length)),
        ];
    }

    private static void BootOrRefuse(byte[] input)
    {
        try
        {
            KernelImage kernel = KernelImage.Recognise(BootFile.FromMemory("input", input));
            if (kernel is BzImageKernel compressed)
            {
                kernel = compressed.Unpack(null);
            }

            using BootPlan plan = new() { Kernel = kernel, Cpus = 1 };
            using GuestMemory memory = GuestMemory.CreateAnonymous(BootLoader.MemoryLayout(MemoryLength));
            EntryPoint entry = BootLoader.Load(plan, memory);
            if (!memory.Contains(new GuestAddress(entry.Rip), 1))
            {
                throw new InvalidOperationException($"The entry point 0x{entry.Rip:x} is not in memory.");
            }
        }
        catch (MachineException)
        {
            // Refused: that is what hostile input is for.
        }
    }
}
