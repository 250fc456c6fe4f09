namespace StratoVirt.Kvm;

/// <summary>A port access, or a run of them by one string instruction.</summary>
public readonly ref struct PioExit
{
    internal PioExit(bool isWrite, ushort port, int size, int count, Span<byte> data)
    {
        IsWrite = isWrite;
        Port = port;
        Size = size;
        Count = count;
        Data = data;
    }

    /// <summary>OUT, else IN.</summary>
    public bool IsWrite { get; }

    /// <summary>The port.</summary>
    public ushort Port { get; }

    /// <summary>Bytes of one access: 1, 2 or 4.</summary>
    public int Size { get; }

    /// <summary>Accesses; more than one for INS and OUTS with REP.</summary>
    public int Count { get; }

    /// <summary><see cref="Size"/> times <see cref="Count"/> bytes: what the guest wrote, or where its answer goes.</summary>
    public Span<byte> Data { get; }
}
