using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Linux.Tests.Net;

public sealed class TapDeviceTests
{
    private const int HeaderLength = 12;

    [Fact]
    public void AnInterfaceIsSetUpAndGoesWithItsLastQueue()
    {
        string name = $"svt{Guid.NewGuid():N}"[..TapDevice.MaxNameLength];
        using (TapDevice tap = OpenOrSkip(name))
        {
            Assert.Equal(name, tap.Name);
            Assert.False(HostInterface.IsUp(name));
            HostInterface.SetUp(name, up: true);
            Assert.True(HostInterface.IsUp(name));
            HostInterface.SetMtu(name, 9000);
            Assert.Equal(9000, HostInterface.GetMtu(name));
        }

        Assert.Equal(Errno.NoDevice, Assert.Throws<LinuxException>(() => HostInterface.GetMtu(name)).Errno);
    }

    [Fact]
    public void TheKernelFindsAName()
    {
        using TapDevice tap = OpenOrSkip("svt%d");
        Assert.Matches("^svt[0-9]+$", tap.Name);
    }

    [Fact]
    public void AFrameWrittenInPiecesIsTakenAndOneTooShortIsRefused()
    {
        using TapDevice tap = OpenOrSkip(string.Empty);
        tap.SetHeaderLength(HeaderLength);
        HostInterface.SetUp(tap.Name, up: true);
        byte[] frame = GC.AllocateArray<byte>(60, pinned: true);
        frame.AsSpan(0, 6).Fill(0xFF);
        IoVector[] parts = [VectorOf(frame, 0, 6), VectorOf(frame, 6, 54)];
        Assert.Equal(Errno.None, PacketIo.Write(tap, new byte[HeaderLength], parts));
        Assert.Equal(Errno.InvalidArgument, PacketIo.Write(tap, new byte[HeaderLength], parts.AsSpan(0, 1)));
    }

    [Fact]
    public void WhatTheHostSendsComesInPieces()
    {
        using TapDevice tap = OpenOrSkip(string.Empty);
        tap.SetHeaderLength(HeaderLength);
        byte[] header = new byte[HeaderLength];
        byte[] frame = GC.AllocateArray<byte>(14, pinned: true);
        byte[] rest = new byte[2000];
        Assert.Equal(Errno.Again, PacketIo.Read(tap, header, [VectorOf(frame, 0, 14)], rest, out _));

        // An interface that comes up announces itself (IPv6 neighbour discovery), whatever the host's addresses.
        Assert.SkipUnless(File.Exists("/proc/net/if_inet6"), "no IPv6 on this host: a new interface sends nothing by itself");
        using Epoll epoll = Epoll.Create();
        epoll.Add(tap, EpollEvents.In, 1);
        HostInterface.SetUp(tap.Name, up: true);
        Assert.Equal(1, epoll.Wait(new EpollEvent[1], timeoutMs: 10_000));
        Assert.Equal(Errno.None, PacketIo.Read(tap, header, [VectorOf(frame, 0, 14)], rest, out int count));
        Assert.True(count > HeaderLength + 14);
        Assert.Equal(0x86DD, (frame[12] << 8) | frame[13]);
        Assert.Equal(0x60, rest[0] & 0xF0);
    }

    [Fact]
    public void ADescriptorThatIsNoTapIsNotAdoptedAndStaysOpen()
    {
        using FileDescriptor nothing = FileDescriptor.Open("/dev/null", OpenFlags.ReadWrite);
        Assert.Throws<LinuxException>(() => TapDevice.Adopt(nothing.Number));
        Assert.Equal(Errno.None, nothing.Write([1], out _));
    }

    [Fact]
    public void QueuesOfOneInterfaceAreTakenOutOfUse()
    {
        using TapDevice first = OpenOrSkip(string.Empty, multiQueue: true);
        using TapDevice second = TapDevice.Open(first.Name, multiQueue: true);
        Assert.Equal(first.Name, second.Name);
        Assert.Equal(Errno.None, second.SetInUse(false));
        Assert.Equal(Errno.InvalidArgument, second.SetInUse(false));
        Assert.Equal(Errno.None, second.SetInUse(true));
    }

    [Fact]
    public void OffloadsTheKernelDoesNotKnowAreRefused()
    {
        using TapDevice tap = OpenOrSkip(string.Empty);
        Assert.Equal(Errno.None, tap.SetOffloads(TapOffloads.Checksum | TapOffloads.Tso4 | TapOffloads.Tso6 | TapOffloads.Ecn));
        Assert.Equal(Errno.InvalidArgument, tap.SetOffloads((TapOffloads)0x4000));
    }

    internal static TapDevice OpenOrSkip(string name, bool multiQueue = false)
    {
        try
        {
            return TapDevice.Open(name, multiQueue);
        }
        catch (LinuxException refusal) when (refusal.Errno is Errno.NoEntry or Errno.NotPermitted or Errno.AccessDenied or Errno.NoDevice)
        {
            Assert.Skip($"no tap can be made here: {refusal.Message}");
            throw;
        }
    }

    private static IoVector VectorOf(byte[] pinned, int offset, int length) =>
        new(Marshal.UnsafeAddrOfPinnedArrayElement(pinned, offset), length);
}
