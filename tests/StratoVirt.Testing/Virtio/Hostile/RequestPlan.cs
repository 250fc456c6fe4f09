namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>One request of the driver, from its making to its answer. Used again.</summary>
public sealed class RequestPlan
{
    /// <summary>Its buffers.</summary>
    public List<DriverBuffer> Buffers { get; } = [];

    /// <summary>Whether it is right, so that its answer can be judged.</summary>
    public bool IsSane { get; set; }

    /// <summary>What its maker wants to remember of it.</summary>
    public long Note { get; set; }

    /// <summary>What its maker wants to remember of it.</summary>
    public int Kind { get; set; }

    /// <summary>Begins anew.</summary>
    public RequestPlan Begin(bool sane)
    {
        Buffers.Clear();
        IsSane = sane;
        Note = 0;
        Kind = 0;
        return this;
    }

    /// <summary>Adds a buffer, if it has bytes.</summary>
    public RequestPlan With(DriverBuffer buffer)
    {
        Buffers.Add(buffer);
        return this;
    }

    /// <summary>Cuts a buffer in two at a place, so that structures do not come in one piece.</summary>
    public RequestPlan WithSplit(DriverBuffer buffer, int at)
    {
        if (at <= 0 || at >= buffer.Length)
        {
            return With(buffer);
        }

        Buffers.Add(buffer with { Length = (uint)at });
        Buffers.Add(buffer with { Address = buffer.Address + (ulong)at, Length = buffer.Length - (uint)at });
        return this;
    }

    /// <summary>The bytes from the start of all buffers of one direction, copied.</summary>
    public byte[] Copy(TestGuestMemory memory, bool writable)
    {
        ArgumentNullException.ThrowIfNull(memory);
        List<byte> all = [];
        foreach (DriverBuffer buffer in Buffers)
        {
            if (buffer.IsWritable == writable)
            {
                all.AddRange(memory.Span(buffer));
            }
        }

        return [.. all];
    }
}
