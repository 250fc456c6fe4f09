using CsCheck;
using StratoVirt.Devices.Virtio.Net;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Net;

public sealed class NetHeaderTests
{
    private const ulong Everything = ulong.MaxValue;

    private static readonly Gen<NetHeader> AnyHeader = Gen.Select(
        Gen.Byte, Gen.Byte.Select(type => (byte)(type & 0x87)), Gen.UShort, Gen.UShort, Gen.UShort, Gen.UShort,
        (flags, type, length, size, start, offset) => new NetHeader
        {
            Flags = flags, SegmentType = type, HeaderLength = length, SegmentSize = size, ChecksumStart = start, ChecksumOffset = offset,
        });

    [Fact]
    public void WhatPassesPointsNowhereOutsideTheFrame() => Gen.Select(AnyHeader, Gen.UInt[14, 65593], Gen.ULong).Sample(
        (header, length, features) =>
        {
            NetHeader clean = header;
            if (!clean.TryClean(features, length))
            {
                return;
            }

            Assert.True(clean.HeaderLength <= length);
            Assert.Equal(0, clean.Buffers);
            Assert.True(clean.Flags is 0 or NetHeader.NeedsChecksum);
            if (clean.Flags != 0)
            {
                Assert.NotEqual(0ul, features & NetFeatures.Checksum);
                Assert.True((uint)clean.ChecksumStart + clean.ChecksumOffset + 2 <= length);
            }

            if (clean.SegmentType != NetHeader.SegmentNone)
            {
                Assert.Equal(NetHeader.NeedsChecksum, clean.Flags);
                Assert.NotEqual(0, clean.SegmentSize);
                Assert.NotEqual(0ul, features & (NetFeatures.HostTso4 | NetFeatures.HostTso6 | NetFeatures.HostUfo));
            }
        });

    [Theory]
    [InlineData(NetHeader.SegmentTcp4, NetFeatures.HostTso4)]
    [InlineData(NetHeader.SegmentTcp6, NetFeatures.HostTso6)]
    [InlineData(NetHeader.SegmentUdp, NetFeatures.HostUfo)]
    [InlineData(NetHeader.SegmentTcp4 | NetHeader.SegmentEcn, NetFeatures.HostTso4 | NetFeatures.HostEcn)]
    public void SegmentationNeedsItsFeatureItsSizeAndAChecksum(byte type, ulong feature)
    {
        var header = new NetHeader { Flags = 1, SegmentType = type, SegmentSize = 1448, ChecksumStart = 34, ChecksumOffset = 16 };
        Assert.True(Clean(header, feature | NetFeatures.Checksum));
        Assert.False(Clean(header, Everything & ~(feature & ~NetFeatures.HostEcn)));
        Assert.False(Clean(header with { SegmentSize = 0 }, Everything));
        Assert.False(Clean(header with { Flags = 0 }, Everything));
    }

    [Fact]
    public void CongestionNotificationNeedsItsFeature() => Assert.False(Clean(
        new NetHeader { Flags = 1, SegmentType = NetHeader.SegmentTcp4 | NetHeader.SegmentEcn, SegmentSize = 1, ChecksumStart = 34 },
        Everything & ~NetFeatures.HostEcn));

    [Theory]
    [InlineData(34, 16, true)]
    [InlineData(58, 0, true)]
    [InlineData(58, 1, false)]
    [InlineData(13, 0, false)]
    [InlineData(0xFFFF, 0xFFFF, false)]
    public void AChecksumLiesInTheFrame(ushort start, ushort offset, bool expected) =>
        Assert.Equal(expected, Clean(new NetHeader { Flags = 1, ChecksumStart = start, ChecksumOffset = offset }, Everything));

    private static bool Clean(NetHeader header, ulong features) => header.TryClean(features, 60);
}
