namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>Memory that was a device's and is not any more: what it holds must stay. A device that writes late is found
/// here.</summary>
internal sealed class RetiredMemory(TestGuestMemory memory)
{
    private const byte Mark = 0x9E;

    private readonly List<DriverBuffer> _buffers = [];

    /// <summary>Takes a buffer back.</summary>
    public void Add(in DriverBuffer buffer)
    {
        if (buffer.Length > 0 && buffer.Address < memory.End)
        {
            memory.Span(buffer).Fill(Mark);
            _buffers.Add(buffer);
        }
    }

    /// <summary>Takes a request's buffers back.</summary>
    public void Add(RequestPlan plan)
    {
        foreach (DriverBuffer buffer in plan.Buffers)
        {
            // A chain that names what is no memory has nothing to take back.
            if (memory.Memory.Contains(buffer.Address, buffer.Length))
            {
                Add(buffer);
            }
        }
    }

    /// <summary>The first buffer that was written to; null when all are whole.</summary>
    public DriverBuffer? FindDamage()
    {
        foreach (DriverBuffer buffer in _buffers)
        {
            if (memory.Span(buffer).ContainsAnyExcept(Mark))
            {
                return buffer;
            }
        }

        return null;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _buffers.Clear();
}
