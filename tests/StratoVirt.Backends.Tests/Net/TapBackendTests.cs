using StratoVirt.Backends.Net;
using StratoVirt.Backends.Net.Tap;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using Xunit;

namespace StratoVirt.Backends.Tests.Net;

public sealed class TapBackendTests : IDisposable
{
    private static readonly byte[] Header = new byte[INetBackend.HeaderLength];

    private readonly FrameMemory _memory = new();

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void AnInterfaceIsMadeAndSetUp()
    {
        using TapBackend tap = OpenOrSkip(new TapOptions { Mtu = 1400 });
        Assert.True(HostInterface.IsUp(tap.Name));
        Assert.Equal(1400, HostInterface.GetMtu(tap.Name));
        Assert.Equal(1400, tap.Mtu);
        Assert.True(tap.Offloads.HasFlag(NetOffloads.Checksum | NetOffloads.Tso4 | NetOffloads.Tso6 | NetOffloads.Ecn), $"{tap.Offloads}");
        Assert.True(tap.SetOffloads(tap.Offloads));
        Assert.True(tap.SetOffloads(NetOffloads.None));
        Assert.Null(tap.Problem);
    }

    [Fact]
    public void FramesOfAGuestReachTheHost()
    {
        using TapBackend tap = OpenOrSkip(new TapOptions());
        long before = Received(tap.Name);
        Assert.Equal(NetStatus.Done, tap.Queues[0].Send(Header, _memory.Pieces(Broadcast(), 20)));
        Assert.Equal(before + 60, Received(tap.Name));
    }

    [Fact]
    public void WhatTheHostRefusesIsDroppedAndNamed()
    {
        using TapBackend tap = OpenOrSkip(new TapOptions { BringUp = false });
        Assert.Equal(NetStatus.Dropped, tap.Queues[0].Send(Header, _memory.Pieces(Broadcast(), 20)));
        Assert.Equal(Linux.Errno.InputOutput, tap.Queues[0].LastError);
        Assert.Equal(NetStatus.WouldBlock, tap.Queues[0].Receive(new byte[INetBackend.HeaderLength], default, new byte[100], out _));
    }

    [Fact]
    public void SeveralQueuesAreTakenIntoUse()
    {
        using TapBackend tap = OpenOrSkip(new TapOptions { QueuePairs = 3 });
        Assert.Equal(3, tap.Queues.Count);
        Assert.True(tap.SetQueuesInUse(3));
        Assert.Equal(NetStatus.Done, tap.Queues[2].Send(Header, _memory.Pieces(Broadcast(), 60)));
        Assert.True(tap.SetQueuesInUse(1));
        Assert.Null(tap.Problem);
    }

    [Fact]
    public void APersistentInterfaceIsJoinedAndItsEndNoticed()
    {
        string name;
        using (TapBackend made = OpenOrSkip(new TapOptions { IsPersistent = true }))
        {
            name = made.Name;
        }

        using TapBackend joined = TapBackend.Open(new TapOptions { Name = name });
        Assert.Equal(NetBackendError.InUse, Assert.Throws<NetBackendException>(() => TapBackend.Open(new TapOptions { Name = name })).Error);
        Delete(name);
        Assert.Equal(NetStatus.Gone, joined.Queues[0].Send(Header, _memory.Pieces(Broadcast(), 60)));
        Assert.Contains(name, joined.Problem, StringComparison.Ordinal);
        Assert.Contains("deleted", joined.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void AnInterfaceThatIsNoTapIsExplained()
    {
        OpenOrSkip(new TapOptions()).Dispose();
        NetBackendException error = Assert.Throws<NetBackendException>(() => TapBackend.Open(new TapOptions { Name = "lo" }));
        Assert.Equal(NetBackendError.Mismatch, error.Error);
        Assert.Contains("'lo'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADescriptorThatIsNoTapIsExplained()
    {
        using FileDescriptor nothing = FileDescriptor.Open("/dev/null", OpenFlags.ReadWrite);
        Assert.Equal(NetBackendError.Mismatch, Assert.Throws<NetBackendException>(() => TapBackend.Adopt(nothing.Number, vhost: false)).Error);
        Assert.Equal(Linux.Errno.None, nothing.Write([1], out _));
    }

    [Fact]
    public void ADescriptorOfAnotherProgramIsTakenOver()
    {
        OpenOrSkip(new TapOptions()).Dispose();
        TapDevice given = TapDevice.Open($"svt{Guid.NewGuid():N}"[..TapDevice.MaxNameLength], multiQueue: false);
        int number = given.Number;
        given.SetHandleAsInvalid();
        using (TapBackend tap = TapBackend.Adopt(number, vhost: false))
        {
            Assert.Equal(given.Name, tap.Name);
        }

        Assert.Throws<Linux.LinuxException>(() => HostInterface.GetMtu(given.Name));
    }

    private static TapBackend OpenOrSkip(TapOptions options)
    {
        try
        {
            return TapBackend.Open(options);
        }
        catch (NetBackendException refusal) when (refusal.Error is NetBackendError.NotPermitted or NetBackendError.NotFound)
        {
            Assert.Skip(refusal.Message);
            throw;
        }
    }

    private static byte[] Broadcast() => [.. Enumerable.Repeat((byte)0xFF, 6), 2, 0, 0, 0, 0, 1, 0x88, 0xB5, .. new byte[46]];

    private static long Received(string name) =>
        long.Parse(File.ReadAllText($"/sys/class/net/{name}/statistics/rx_bytes"), System.Globalization.CultureInfo.InvariantCulture);

    private static void Delete(string name)
    {
        using var ip = System.Diagnostics.Process.Start("ip", ["link", "delete", name]);
        ip.WaitForExit();
        Assert.Equal(0, ip.ExitCode);
    }
}
