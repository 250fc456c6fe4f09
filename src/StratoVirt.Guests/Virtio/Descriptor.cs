using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Virtio;

/// <summary>Descriptors of a slot's chain (virtio 1.3, 2.7.5).</summary>
internal static class Descriptor
{
    /// <summary>The device writes it.</summary>
    public const int Write = 2;

    private const int Next = 1;

    /// <summary>Emits the writing of a descriptor; rdx = offset of the slot's first, rax = address. Changes esi.</summary>
    /// <param name="c">The assembler.</param>
    /// <param name="queue">Its queue.</param>
    /// <param name="index">Its place in the slot.</param>
    /// <param name="flags"><see cref="Write"/> or 0.</param>
    /// <param name="hasNext">Whether the slot's next descriptor belongs to the chain.</param>
    /// <param name="length">Bytes; null takes ecx.</param>
    public static void Emit(Assembler c, int queue, int index, int flags, bool hasNext, uint? length = null)
    {
        int at = (int)BenchLayout.Descriptors + (queue * (int)BenchLayout.QueueStride) + (index * 16);
        c.mov(__qword_ptr[rdx + at], rax);
        if (length is { } bytes)
        {
            c.mov(__dword_ptr[rdx + (at + 8)], bytes);
        }
        else
        {
            c.mov(__dword_ptr[rdx + (at + 8)], ecx);
        }

        c.mov(__word_ptr[rdx + (at + 12)], (ushort)(flags | (hasNext ? Next : 0)));
        c.mov(esi, edx);
        c.shr(esi, 4);
        c.add(esi, index + 1);
        c.mov(__word_ptr[rdx + (at + 14)], si);
    }
}
