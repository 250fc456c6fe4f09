using StratoVirt.Devices.Bus;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>
/// Two bytes between the machine's AML and its PCI root bus: whether the bus is there, and whether it has come since the
/// guest last asked, which reading forgets. Once there the bus stays to the next reset, however empty: guests that have
/// found a root bus do not expect it to go.
/// </summary>
internal sealed class PciPresence : IBusDevice
{
    private const ulong Present = 0;
    private const ulong News = 1;

    private volatile bool _present;
    private int _news;

    /// <summary>Whether the guest finds a bus.</summary>
    public bool IsPresent => _present;

    /// <summary>The bus is there from now on.</summary>
    /// <param name="announce">Whether the guest runs already and has to be told.</param>
    public void Appear(bool announce)
    {
        if (!_present)
        {
            _present = true;
            Volatile.Write(ref _news, announce ? 1 : 0);
        }
    }

    /// <summary>The machine's reset.</summary>
    /// <param name="present">Whether there are devices on the bus, for the guest to find as it boots.</param>
    public void Reset(bool present)
    {
        _present = present;
        Volatile.Write(ref _news, 0);
    }

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = (offset + (ulong)i) switch
            {
                Present => (byte)(_present ? 1 : 0),
                News => (byte)Interlocked.Exchange(ref _news, 0),
                _ => 0,
            };
        }
    }

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
    }
}
