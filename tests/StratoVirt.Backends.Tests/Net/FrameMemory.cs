using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Backends.Tests.Net;

/// <summary>Guest memory to send frames from and to receive them into.</summary>
internal sealed class FrameMemory : IDisposable
{
    private readonly TestGuestMemory _memory = new();

    public void Dispose() => _memory.Dispose();

    /// <summary>New memory holding the bytes, cut into pieces of so many bytes.</summary>
    internal GuestBuffer[] Pieces(ReadOnlySpan<byte> content, int pieceLength)
    {
        GuestAddress address = _memory.Allocate(content.Length);
        content.CopyTo(_memory.Span(address, content.Length));
        var pieces = new List<GuestBuffer>();
        for (int offset = 0; offset < content.Length; offset += pieceLength)
        {
            uint length = (uint)Math.Min(pieceLength, content.Length - offset);
            Assert.True(_memory.Memory.TryGetBuffer(address + (ulong)offset, length, out GuestBuffer piece));
            pieces.Add(piece);
        }

        return [.. pieces];
    }

    internal static byte[] Join(ReadOnlySpan<GuestBuffer> pieces)
    {
        var all = new List<byte>();
        foreach (GuestBuffer piece in pieces)
        {
            all.AddRange(piece.Span);
        }

        return [.. all];
    }
}
