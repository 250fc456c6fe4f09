using CsCheck;
using StratoVirt.Machine.Boot.X64.Acpi.Aml;

namespace StratoVirt.Machine.Tests.Boot.X64.Acpi;

public sealed class AmlTests
{
    [Theory]
    [InlineData(0, new byte[] { 0x01 })]
    [InlineData(62, new byte[] { 0x3F })]
    [InlineData(63, new byte[] { 0x41, 0x04 })]
    [InlineData(4093, new byte[] { 0x4F, 0xFF })]
    [InlineData(4094, new byte[] { 0x81, 0x00, 0x01 })]
    public void Package_lengths_are_encoded_as_the_specification_says(int bodyLength, byte[] expected) =>
        Assert.Equal(expected, PackageLength.Encode(bodyLength));

    [Fact]
    public void Package_lengths_decode_to_body_and_own_length()
    {
        Gen.Int[0, 3 << 20].Sample(bodyLength =>
        {
            byte[] encoding = PackageLength.Encode(bodyLength);
            int more = encoding[0] >> 6;
            int length = more == 0 ? encoding[0] & 0x3F : encoding[0] & 0xF;
            for (int i = 0; i < more; i++)
            {
                length |= encoding[1 + i] << (4 + (8 * i));
            }

            Assert.Equal(more + 1, encoding.Length);
            Assert.Equal(bodyLength + encoding.Length, length);
        });
    }

    [Fact]
    public void Names_are_padded_and_joined()
    {
        Assert.Equal("_S5_"u8.ToArray(), NameString.Encode("_S5"));
        Assert.Equal("\\._SB_PWRB"u8.ToArray(), NameString.Encode("\\_SB.PWRB"));
        Assert.Equal([.. "^/"u8, 3, .. "A___B___C___"u8], NameString.Encode("^A.B.C"));
        Assert.Equal("\\\0"u8.ToArray(), NameString.Encode("\\"));
        Assert.Throws<ArgumentException>(() => NameString.Encode("toolong"));
        Assert.Throws<ArgumentException>(() => NameString.Encode("1ABC"));
        Assert.Throws<ArgumentException>(() => NameString.Encode("A..B"));
    }

    [Fact]
    public void Eisa_ids_and_integers_are_compressed()
    {
        Assert.Equal([0x0C, 0x41, 0xD0, 0x05, 0x01], Term.EisaId("PNP0501").Bytes);
        Assert.Equal([0x00], Term.Integer(0).Bytes);
        Assert.Equal([0x0A, 0x02], Term.Integer(2).Bytes);
        Assert.Equal([0x0B, 0x00, 0x01], Term.Integer(256).Bytes);
        Assert.Equal([0x0E, 0, 0, 0, 0, 1, 0, 0, 0], Term.Integer(1UL << 32).Bytes);
    }
}
