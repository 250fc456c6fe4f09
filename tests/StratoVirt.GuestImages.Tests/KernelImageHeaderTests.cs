using CsCheck;
using Xunit;

namespace StratoVirt.GuestImages.Tests;

public class KernelImageHeaderTests
{
    [Fact]
    public void ReleaseIsWhatTheHeaderPointsTo()
    {
        byte[] image = new byte[0x400];
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        image[0x20E] = 0x40;
        image[0x20F] = 0x01;
        "6.1.0-56-amd64 (debian-kernel@lists.debian.org) #1\0"u8.CopyTo(image.AsSpan(0x340));

        Assert.Equal("6.1.0-56-amd64", KernelImageHeader.ParseRelease(image));
    }

    [Fact]
    public void AnythingElseHasNone() =>
        Gen.Byte.Array[0, 1024].Sample(image => Assert.Empty(KernelImageHeader.ParseRelease(image)));

    [Fact]
    public void NoPointerLeadsOutside() =>
        Gen.Select(Gen.UShort, Gen.Int[0x210, 0x500]).Sample((pointer, length) =>
        {
            byte[] image = new byte[length];
            "HdrS"u8.CopyTo(image.AsSpan(0x202));
            BitConverter.TryWriteBytes(image.AsSpan(0x20E), pointer);
            Assert.Empty(KernelImageHeader.ParseRelease(image));
        });
}
