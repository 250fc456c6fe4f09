using CsCheck;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.Images;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Tests.Boot.Unpacking;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Tests.Boot;

/// <summary>Whatever is done to a kernel file, it boots or is refused: no other exception, no write outside memory.</summary>
public sealed class HostileImageTests
{
    private static readonly byte[] Kernel = KernelBuilder.SimpleElf(true);

    private static readonly byte[] Extremes = [0, 1, 0x7F, 0x80, 0xFF];

    public static TheoryData<string> Formats => new("elf-pvh", "elf-64", "gzip", "zstd", "lz4", "xz", "unknown");

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_mutated_kernel_boots_or_is_refused(string format)
    {
        byte[] image = Build(format);

        // Half of all mutations hit the headers, where they do something.
        Gen<int> position = Gen.OneOf(Gen.Int[0, Math.Min(0x300, image.Length) - 1], Gen.Int[0, image.Length - 1]);
        Gen<byte> value = Gen.OneOf(Gen.Byte, Gen.Int[0, 4].Select(i => Extremes[i]));
        Gen.Select(Gen.Select(position, value).List[1, 6], Gen.Int[0, 64]).Sample(
            (mutations, cut) =>
            {
                byte[] mutant = image[..^Math.Min(cut < 48 ? 0 : cut * 16, image.Length - 1)];
                foreach ((int at, byte changed) in mutations)
                {
                    if (at < mutant.Length)
                    {
                        mutant[at] = changed;
                    }
                }

                BootOrRefuse(mutant);
            },
            iter: 400);
    }

    private static byte[] Build(string format) => format switch
    {
        "elf-pvh" => Kernel,
        "elf-64" => KernelBuilder.SimpleElf(false),
        "gzip" => KernelBuilder.BzImage(Payloads.Gzip(Kernel)),
        "zstd" => KernelBuilder.BzImage(Payloads.Zstd(Kernel)),
        "lz4" => KernelBuilder.BzImage(Payloads.Lz4(Kernel)),
        "xz" => KernelBuilder.BzImage(KernelBuilder.WithSizeWord(
            BranchyBytes.ReadXz(), BranchyBytes.Length)),
        _ => KernelBuilder.BzImage(KernelBuilder.WithSizeWord("BZh91AY&SY"u8.ToArray(), Kernel.Length)),
    };

    private static void BootOrRefuse(byte[] image)
    {
        try
        {
            KernelImage kernel = KernelImage.Recognise(BootFile.FromMemory("mutant.bin", image));
            if (kernel is BzImageKernel compressed)
            {
                kernel = compressed.Unpack(null);
            }

            using BootPlan plan = new() { Kernel = kernel, Cpus = 2 };
            using GuestMemory memory = GuestMemory.CreateAnonymous(BootLoader.MemoryLayout(64 << 20));
            EntryPoint entry = BootLoader.Load(plan, memory);
            Assert.InRange(entry.Rip, Layout.ExtendedMemory, memory.TotalLength - 1);
        }
        catch (MachineException refusal)
        {
            Assert.NotEmpty(refusal.RecommendedAction);
        }
    }
}
