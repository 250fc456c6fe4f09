using System.Runtime.InteropServices;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Linux.Tests.Net;

public sealed class PacketIoTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(PacketIo.MaxParts)]
    public void PiecesArriveInOrder(int parts)
    {
        (UnixSocket first, UnixSocket second) = UnixSocket.CreatePair();
        using (first)
        using (second)
        {
            byte[] source = GC.AllocateArray<byte>(parts, pinned: true);
            byte[] target = GC.AllocateArray<byte>(parts, pinned: true);
            Random.Shared.NextBytes(source);
            Assert.Equal(Errno.None, PacketIo.Send(first, [1, 2], Vectors(source), out int sent));
            Assert.Equal(2 + parts, sent);
            byte[] head = new byte[1];
            byte[] rest = new byte[8];
            IoVector[] vectors = [.. Vectors(target).AsSpan(0, Math.Max(0, parts - 1))];
            Assert.Equal(Errno.None, PacketIo.Read(second, head, vectors, rest, out int received));
            Assert.Equal(2 + parts, received);
            byte[] all = [.. head, .. target.AsSpan(0, vectors.Length), .. rest.AsSpan(0, received - 1 - vectors.Length)];
            Assert.Equal<byte>([1, 2, .. source], all);
        }
    }

    [Fact]
    public void AFullConnectionSaysSoAndAClosedOneToo()
    {
        (UnixSocket first, UnixSocket second) = UnixSocket.CreatePair();
        using (first)
        {
            using (second)
            {
                byte[] chunk = new byte[64 << 10];
                Errno errno;
                while ((errno = PacketIo.Send(first, chunk, [], out _)) == Errno.None)
                {
                }

                Assert.Equal(Errno.Again, errno);
            }

            Assert.Equal(Errno.BrokenPipe, PacketIo.Send(first, [1], [], out int count));
            Assert.Equal(0, count);
        }
    }

    private static IoVector[] Vectors(byte[] pinned) =>
        [.. pinned.Select((_, i) => new IoVector(Marshal.UnsafeAddrOfPinnedArrayElement(pinned, i), 1))];
}
