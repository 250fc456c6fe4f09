using CsCheck;
using StratoVirt.GuestImages.Modules;
using Xunit;

namespace StratoVirt.GuestImages.Tests.Modules;

public class ModuleInfoReaderTests
{
    [Fact]
    public void ReadsDependenciesAndRelease()
    {
        ModuleInfo module = ModuleInfoReader.Read("virtio_net", ModuleImage.Create("virtio-ring,net_failover"));

        Assert.Equal("virtio_net", module.Name);
        Assert.Equal(["virtio_ring", "net_failover"], module.Depends);
        Assert.Equal("6.1.0-test", module.KernelRelease);
    }

    [Fact]
    public void EmptyDependsMeansNone() =>
        Assert.Empty(ModuleInfoReader.Read("button", ModuleImage.Create(string.Empty)).Depends);

    [Fact]
    public void LastEntryNeedsNoTerminator() =>
        Assert.Equal(["b"], ModuleInfoReader.Read("a", ModuleImage.CreateWithInfo("depends=b")).Depends);

    [Theory]
    [InlineData("depends=../../etc/passwd")]
    [InlineData("depends=a b")]
    [InlineData("depends=a;reboot")]
    public void DependencyThatIsNoNameIsRefused(string info) => AssertDamaged(ModuleImage.CreateWithInfo(info));

    [Fact]
    public void EndlessDependencyListIsRefused() =>
        AssertDamaged(ModuleImage.Create(string.Join(',', Enumerable.Range(0, 1000).Select(i => $"m{i}"))));

    [Fact]
    public void ModuleWithoutInfoIsRefused() => AssertDamaged(ModuleImage.CreateWithInfo("depends=", ".text"));

    [Fact]
    public void OtherFilesAreRefused()
    {
        AssertDamaged([]);
        AssertDamaged("#!/bin/sh\necho no module, but long enough to hold an ELF header, if it were one\n"u8.ToArray());
        byte[] elf32 = ModuleImage.Create("a");
        elf32[4] = 1;
        AssertDamaged(elf32);
        byte[] program = ModuleImage.Create("a");
        program[16] = 2;
        AssertDamaged(program);
    }

    [Fact]
    public void EveryTruncationIsRefusedOrRead()
    {
        byte[] image = ModuleImage.Create("virtio,virtio_ring");
        for (int length = 0; length < image.Length; length++)
        {
            AssertReadOrDamaged(image[..length]);
        }
    }

    [Fact]
    public void NoBytesMakeItFailInAnotherWay() =>
        Gen.Select(Gen.Int[0, 400], Gen.Byte).Array[1, 12].Sample(
            changes =>
            {
                byte[] image = ModuleImage.Create("virtio,virtio_ring");
                foreach ((int at, byte value) in changes)
                {
                    image[at % image.Length] = value;
                }

                AssertReadOrDamaged(image);
            },
            iter: 20_000);

    [Fact]
    public void NoSectionTableMakesItFailInAnotherWay() =>
        Gen.Select(Gen.ULong, Gen.UShort, Gen.UShort, Gen.ULong, Gen.ULong).Sample(
            (table, count, names, offset, size) =>
            {
                byte[] image = ModuleImage.Create("virtio");
                BitConverter.TryWriteBytes(image.AsSpan(image.Length - 40), offset);
                BitConverter.TryWriteBytes(image.AsSpan(image.Length - 32), size);
                AssertReadOrDamaged(image);
                BitConverter.TryWriteBytes(image.AsSpan(40), table);
                BitConverter.TryWriteBytes(image.AsSpan(60), count);
                BitConverter.TryWriteBytes(image.AsSpan(62), names);
                AssertReadOrDamaged(image);
            },
            iter: 5_000);

    private static void AssertReadOrDamaged(byte[] image)
    {
        try
        {
            ModuleInfoReader.Read("m", image);
        }
        catch (GuestImageException refused)
        {
            Assert.Equal(GuestImageErrorId.ModuleDamaged, refused.Id);
        }
    }

    private static void AssertDamaged(byte[] image)
    {
        var refused = Assert.Throws<GuestImageException>(() => ModuleInfoReader.Read("m", image));
        Assert.Equal(GuestImageErrorId.ModuleDamaged, refused.Id);
        Assert.Contains("'m'", refused.Message, StringComparison.Ordinal);
    }
}
