using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StratoVirt.Devices.Pci.Msix;

/// <summary>
/// The MSI-X table of a function with its pending bits (PCI 3.0 §6.8.2). An interrupt of a masked vector waits in its
/// pending bit and leaves when the vector is unmasked.
/// </summary>
/// <remarks>A lock makes one step of "masked, so mark it pending" and "unmasked, so send what is pending". It is held for
/// no longer than a route takes, and nothing that waits for a device's thread holds it. Allocates nothing once made.</remarks>
public sealed class MsixTable : IDisposable
{
    /// <summary>Capability ID.</summary>
    public const byte CapabilityId = 0x11;

    /// <summary>Offset of the message control register from the capability's first byte.</summary>
    public const int ControlOffset = 2;

    /// <summary>Bytes of the table a vector takes.</summary>
    public const int EntryLength = 16;

    /// <summary>Most vectors of a function.</summary>
    public const int MostVectors = 2048;

    /// <summary>Message control: MSI-X is in use.</summary>
    public const ushort Enable = 1 << 15;

    /// <summary>Message control: every vector is masked.</summary>
    public const ushort FunctionMask = 1 << 14;

    private const int WordsPerEntry = EntryLength / sizeof(uint);
    private const int ControlWord = 3;
    private const uint MaskBit = 1;

    private readonly Lock _gate = new();
    private readonly uint[] _table;
    private readonly ulong[] _pending;
    private readonly IMsiRoute[] _routes;
    private readonly bool[] _masked;
    private ushort _control;
    private bool _disposed;

    /// <summary>A table with every vector masked.</summary>
    /// <param name="vectors">1 to <see cref="MostVectors"/>.</param>
    /// <param name="router">Gives a route to each vector.</param>
    /// <exception cref="InvalidOperationException">The machine has not that many routes left.</exception>
    public MsixTable(int vectors, IMsiRouter router)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vectors);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vectors, MostVectors);
        ArgumentNullException.ThrowIfNull(router);
        _table = new uint[vectors * WordsPerEntry];
        _pending = new ulong[(vectors + 63) / 64];
        _routes = new IMsiRoute[vectors];
        _masked = new bool[vectors];
        int allocated = 0;
        try
        {
            for (; allocated < vectors; allocated++)
            {
                _routes[allocated] = router.Allocate();
            }
        }
        catch
        {
            Array.ForEach(_routes[..allocated], route => route.Dispose());
            throw;
        }

        Array.Fill(_masked, true);
        MaskEveryEntry();
    }

    /// <summary>Vectors.</summary>
    public int Count => _routes.Length;

    /// <summary>Whether the driver uses MSI-X.</summary>
    public bool IsEnabled => (Volatile.Read(ref _control) & Enable) != 0;

    /// <summary>The capability without ID and next pointer.</summary>
    /// <param name="bar">Base address register both structures are in.</param>
    /// <param name="tableOffset">Where the table is in it, a multiple of 8.</param>
    /// <param name="pendingOffset">Where the pending bits are in it, a multiple of 8.</param>
    public byte[] DescribeCapability(int bar, uint tableOffset, uint pendingOffset)
    {
        byte[] body = new byte[10];
        BinaryPrimitives.WriteUInt16LittleEndian(body, (ushort)(Count - 1));
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(2), tableOffset | (uint)bar);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(6), pendingOffset | (uint)bar);
        return body;
    }

    /// <summary>The message control register has been written.</summary>
    public void WriteControl(ushort control)
    {
        lock (_gate)
        {
            Volatile.Write(ref _control, control);
            if ((control & Enable) == 0)
            {
                Array.Clear(_pending);
            }

            for (int i = 0; i < _routes.Length; i++)
            {
                Settle(i, changed: false);
            }
        }
    }

    /// <summary>The guest reads the table; what lies behind its end stays as it is.</summary>
    public void ReadTable(ulong offset, Span<byte> data)
    {
        lock (_gate)
        {
            Copy(MemoryMarshal.AsBytes(_table.AsSpan()), offset, data);
        }
    }

    /// <summary>The guest reads the pending bits; what lies behind their end stays as it is.</summary>
    public void ReadPending(ulong offset, Span<byte> data)
    {
        lock (_gate)
        {
            Copy(MemoryMarshal.AsBytes(_pending.AsSpan()), offset, data);
        }
    }

    /// <summary>The guest writes the table; accesses other than aligned ones of 32 or 64 bits, which the specification
    /// leaves undefined, are dropped.</summary>
    public void WriteTable(ulong offset, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            ulong length = (ulong)_table.Length * sizeof(uint);
            if (data.Length is not (sizeof(uint) or sizeof(ulong)) || offset % (ulong)data.Length != 0 || offset >= length)
            {
                return;
            }

            int word = (int)(offset / sizeof(uint));
            for (int i = 0; i < data.Length; i += sizeof(uint))
            {
                _table[word + (i / sizeof(uint))] = BinaryPrimitives.ReadUInt32LittleEndian(data[i..]);
            }

            int vector = word / WordsPerEntry;
            _table[(vector * WordsPerEntry) + ControlWord] &= MaskBit;
            Settle(vector, changed: true);
        }
    }

    /// <summary>Sends a vector's message, or marks it pending while it is masked. Nothing happens for a vector that does not
    /// exist, and while MSI-X is not in use. Callable from any thread.</summary>
    public void Trigger(int vector)
    {
        lock (_gate)
        {
            if ((uint)vector >= (uint)_routes.Length || _disposed || (_control & Enable) == 0)
            {
                return;
            }

            if (_masked[vector])
            {
                _pending[vector / 64] |= 1UL << (vector % 64);
            }
            else
            {
                _routes[vector].Trigger();
            }
        }
    }

    /// <summary>Back to the values at power on: not in use, every vector masked, nothing pending.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            Array.Clear(_table);
            Array.Clear(_pending);
            MaskEveryEntry();
            WriteControl(0);
        }
    }

    /// <summary>Table and pending bits. The vCPUs are held and the device is at rest.</summary>
    public MsixState Save()
    {
        lock (_gate)
        {
            return new MsixState { Table = [.. _table], Pending = [.. _pending] };
        }
    }

    /// <summary>Takes a saved table over. The message control register is written afterwards.</summary>
    /// <exception cref="DeviceStateException">The state is of another version or another number of vectors.</exception>
    public void Restore(MsixState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        DeviceStateException.CheckVersion("the MSI-X table", state.Version, MsixState.CurrentVersion);
        if (state.Table.IsDefault || state.Table.Length != _table.Length
            || state.Pending.IsDefault || state.Pending.Length != _pending.Length)
        {
            throw new DeviceStateException("the MSI-X table", $"it does not have {Count} vectors");
        }

        lock (_gate)
        {
            Reset();
            state.Table.CopyTo(_table);
            state.Pending.CopyTo(_pending);
            for (int i = ControlWord; i < _table.Length; i += WordsPerEntry)
            {
                _table[i] &= MaskBit;
            }
        }
    }

    /// <summary>Gives the routes back. No interrupt leaves any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                Array.ForEach(_routes, route => route.Dispose());
            }
        }
    }

    private static void Copy(ReadOnlySpan<byte> source, ulong offset, Span<byte> data)
    {
        if (offset < (ulong)source.Length)
        {
            source = source[(int)offset..];
            source[..Math.Min(source.Length, data.Length)].CopyTo(data);
        }
    }

    // Vector control is 1 after a reset (PCI 3.0 §6.8.2.9).
    private void MaskEveryEntry()
    {
        for (int i = ControlWord; i < _table.Length; i += WordsPerEntry)
        {
            _table[i] = MaskBit;
        }
    }

    /// <summary>After a change: tells the route, and sends what has waited for it.</summary>
    private void Settle(int vector, bool changed)
    {
        if (_disposed)
        {
            return;
        }

        Span<uint> entry = _table.AsSpan(vector * WordsPerEntry, WordsPerEntry);
        bool masked = (_control & (Enable | FunctionMask)) != Enable || (entry[ControlWord] & MaskBit) != 0;

        // A masked entry is written word by word; only what it holds when it is unmasked is a message.
        if (masked != _masked[vector] || (changed && !masked))
        {
            _masked[vector] = masked;
            _routes[vector].Update(entry[0] | ((ulong)entry[1] << 32), entry[2], masked);
        }

        ulong bit = 1UL << (vector % 64);
        if (!masked && (_pending[vector / 64] & bit) != 0)
        {
            _pending[vector / 64] &= ~bit;
            _routes[vector].Trigger();
        }
    }
}
