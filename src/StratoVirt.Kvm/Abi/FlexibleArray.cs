using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StratoVirt.Kvm.Abi;

/// <summary>A kernel structure that ends in an array, in one buffer: the head, then the entries.</summary>
/// <typeparam name="THead">The part before the array.</typeparam>
/// <typeparam name="TEntry">An element.</typeparam>
internal sealed class FlexibleArray<THead, TEntry>
    where THead : unmanaged
    where TEntry : unmanaged
{
    private readonly byte[] _buffer;

    /// <summary>Makes one with zeroed entries.</summary>
    internal FlexibleArray(THead head, int count)
    {
        _buffer = new byte[Unsafe.SizeOf<THead>() + (count * Unsafe.SizeOf<TEntry>())];
        Head = head;
    }

    internal ref THead Head => ref Unsafe.As<byte, THead>(ref _buffer[0]);

    internal Span<TEntry> Entries => MemoryMarshal.Cast<byte, TEntry>(_buffer.AsSpan(Unsafe.SizeOf<THead>()));

    /// <summary>The whole, for the ioctl.</summary>
    internal ref byte Bytes => ref _buffer[0];
}
