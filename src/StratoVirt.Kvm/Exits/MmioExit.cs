namespace StratoVirt.Kvm;

/// <summary>An access to a guest physical address that is no memory.</summary>
public readonly ref struct MmioExit
{
    internal MmioExit(bool isWrite, ulong address, Span<byte> data)
    {
        IsWrite = isWrite;
        Address = address;
        Data = data;
    }

    /// <summary>A store, else a load.</summary>
    public bool IsWrite { get; }

    /// <summary>Guest physical address.</summary>
    public ulong Address { get; }

    /// <summary>1 to 8 bytes: what the guest wrote, or where its answer goes.</summary>
    public Span<byte> Data { get; }
}
