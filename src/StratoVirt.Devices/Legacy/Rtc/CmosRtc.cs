using StratoVirt.Devices.Bus;

namespace StratoVirt.Devices.Legacy.Rtc;

/// <summary>
/// The PC's clock and CMOS memory behind its index port (0x70, write-only) and data port (0x71). Shows UTC. A kernel
/// that finds no clock here waits seconds for one.
/// </summary>
public sealed class CmosRtc : IBusDevice
{
    /// <summary>Bytes of address space.</summary>
    public const ulong Length = 2;

    // Bit 7 of the index port masks the NMI and is no part of the index.
    private const byte IndexMask = 0x7F;

    private readonly Lock _gate = new();
    private readonly Mc146818 _chip = new();
    private readonly TimeProvider _host;
    private byte _index;

    /// <summary>Wires the clock.</summary>
    /// <param name="host">The host's time.</param>
    public CmosRtc(TimeProvider host)
    {
        ArgumentNullException.ThrowIfNull(host);
        _host = host;
    }

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data)
    {
        lock (_gate)
        {
            for (int i = 0; i < data.Length; i++)
            {
                data[i] = IsData(offset + (ulong)i) ? _chip.Read(_index, Now) : (byte)0xFF;
            }
        }
    }

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            for (int i = 0; i < data.Length; i++)
            {
                // A 16-bit write selects and stores in one instruction; firmware does that.
                if (IsData(offset + (ulong)i))
                {
                    _chip.Write(_index, data[i], Now);
                }
                else
                {
                    _index = (byte)(data[i] & IndexMask);
                }
            }
        }
    }

    /// <summary>The machine's reset: time and memory have a battery.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _chip.Reset();
            _index = 0;
        }
    }

    /// <summary>The state. The vCPUs are held.</summary>
    public CmosRtcState Save()
    {
        lock (_gate)
        {
            (byte[] registers, long offset, bool dividerWasReset) = _chip.Save();
            return new CmosRtcState
            {
                Index = _index,
                Registers = [.. registers],
                OffsetTicks = offset,
                DividerWasReset = dividerWasReset,
            };
        }
    }

    /// <summary>Takes a saved state over. The vCPUs are held.</summary>
    /// <exception cref="DeviceStateException">The state is of another version or of another length.</exception>
    public void Restore(CmosRtcState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        DeviceStateException.CheckVersion("the CMOS clock", state.Version, CmosRtcState.CurrentVersion);
        if (state.Registers.IsDefault || state.Registers.Length != RtcRegister.Count)
        {
            throw new DeviceStateException("the CMOS clock", $"it must have {RtcRegister.Count} registers");
        }

        lock (_gate)
        {
            _chip.Load(state.Registers.AsSpan(), state.OffsetTicks, state.DividerWasReset);
            _index = (byte)(state.Index & IndexMask);
        }
    }

    private long Now => _host.GetUtcNow().UtcTicks;

    private static bool IsData(ulong offset) => (offset & 1) != 0;
}
