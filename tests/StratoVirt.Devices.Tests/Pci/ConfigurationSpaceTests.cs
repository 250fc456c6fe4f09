using CsCheck;
using StratoVirt.Devices.Pci;
using Xunit;

namespace StratoVirt.Devices.Tests.Pci;

public sealed class ConfigurationSpaceTests
{
    private static readonly PciIdentity Identity = new(0x1AF4, 0x1042, 1, 0x01_80_00, 0x1AF4, 0x1042);

    [Fact]
    public void The_header_says_who_it_is()
    {
        ConfigurationSpace space = new(Identity);
        Assert.Equal(0x1042_1AF4u, space.Read32(0x00));
        Assert.Equal(0x0180_0001u, space.Read32(0x08));
        Assert.Equal(0x1042_1AF4u, space.Read32(0x2C));
        Assert.Equal(0, space.Read16(PciRegister.Status));
        Assert.Equal(0u, space.Read32(0x0C) >> 16);
    }

    [Fact]
    public void Capabilities_are_a_list()
    {
        ConfigurationSpace space = new(Identity);
        int first = space.AddCapability(0x11, [1, 2, 3, 4, 5]);
        int second = space.AddCapability(0x09, [6]);
        byte[] bytes = new byte[256];
        space.Read(0, bytes);
        Assert.Equal(PciRegister.CapabilityList, space.Read16(PciRegister.Status));
        Assert.Equal(first, bytes[PciRegister.CapabilityPointer]);
        Assert.Equal([0x11, (byte)second, 1, 2, 3, 4, 5], bytes[first..(first + 7)]);
        Assert.Equal([0x09, 0, 6], bytes[second..(second + 3)]);
        Assert.Equal(0, second % 4);
        Assert.Throws<InvalidOperationException>(() => space.AddCapability(0x09, new byte[200]));
    }

    [Fact]
    public void A_guest_changes_the_bits_it_may_and_no_others() =>
        Gen.Select(Gen.Int[0, ConfigurationSpace.Length - 8], Gen.Byte.Array[1, 8]).Array[1, 40].Sample(writes =>
        {
            ConfigurationSpace space = new(Identity);
            int capability = space.AddCapability(0x09, new byte[20]);
            space.AllowWrites32(capability + 4, 0x00FF_0FF0);
            byte[] before = new byte[ConfigurationSpace.Length];
            byte[] after = new byte[ConfigurationSpace.Length];
            space.Read(0, before);
            foreach ((int offset, byte[] data) in writes)
            {
                // Half of them where there is something to write.
                space.Write(offset % 2 == 0 ? offset : offset % 0x60, data);
            }

            space.Read(0, after);
            for (int i = 0; i < after.Length; i++)
            {
                int changed = before[i] ^ after[i];
                int allowed = i switch
                {
                    0x04 => 0x46,
                    0x05 => 0x05,
                    0x0C or 0x3C => 0xFF,
                    _ when i == capability + 4 => 0xF0,
                    _ when i == capability + 5 => 0x0F,
                    _ when i == capability + 6 => 0xFF,
                    _ => 0,
                };
                Assert.Equal(0, changed & ~allowed);
            }

            ConfigurationSpace copy = new(Identity);
            copy.AddCapability(0x09, new byte[20]);
            copy.AllowWrites32(capability + 4, 0x00FF_0FF0);
            copy.Restore(space.Save().AsSpan());
            byte[] copied = new byte[ConfigurationSpace.Length];
            copy.Read(0, copied);
            Assert.Equal(after, copied);

            space.Reset();
            space.Read(0, after);
            Assert.Equal(before, after);
        });

    [Fact]
    public void Nothing_is_behind_256_bytes()
    {
        ConfigurationSpace space = new(Identity);
        byte[] data = [1, 1, 1, 1];
        space.Write(0x100, [0xFF, 0xFF, 0xFF, 0xFF]);
        space.Read(0x100, data);
        Assert.Equal([0, 0, 0, 0], data);
        space.Write(0xFE, [0xFF, 0xFF, 0xFF, 0xFF]);
        space.Read(0xFE, data);
        Assert.Equal([0, 0, 0, 0], data);
    }
}
