using StratoVirt.Devices.Bus;
using StratoVirt.Kvm;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Vcpu;

/// <summary>
/// Takes a vCPU's exits to the devices they address. One per vCPU, used by its thread alone; allocates nothing and
/// takes no lock, so that vCPUs never wait for each other here.
/// </summary>
internal sealed class ExitDispatcher(IoBus pio, IoBus mmio, GuestMemory memory, Action<GuestEvents> report)
{
    private ulong _pio;
    private ulong _mmio;
    private ulong _interrupted;
    private ulong _other;

    /// <summary>The guest's memory, for reading the instruction a fault stopped at.</summary>
    public GuestMemory Memory { get; } = memory;

    /// <summary>Counters so far; approximate while the vCPU runs.</summary>
    public VcpuMetrics Metrics => new(
        Volatile.Read(ref _pio), Volatile.Read(ref _mmio), Volatile.Read(ref _interrupted), Volatile.Read(ref _other));

    /// <summary>Counts a return of <c>KVM_RUN</c> for a kick or another signal.</summary>
    public void CountInterrupted() => Volatile.Write(ref _interrupted, _interrupted + 1);

    /// <summary>Handles one exit.</summary>
    /// <returns>False when the vCPU cannot go on: the exit is a fault.</returns>
    public bool Handle(in VcpuExit exit)
    {
        switch (exit.Kind)
        {
            case VcpuExitKind.Pio:
                Volatile.Write(ref _pio, _pio + 1);
                HandlePio(exit.Pio);
                return true;
            case VcpuExitKind.Mmio:
                Volatile.Write(ref _mmio, _mmio + 1);
                HandleMmio(exit.Mmio);
                return true;
            case VcpuExitKind.SystemEvent:
                Volatile.Write(ref _other, _other + 1);
                return HandleSystemEvent(exit.SystemEvent.Type);
            case VcpuExitKind.Again or VcpuExitKind.IrqWindowOpen or VcpuExitKind.Halt:
                Volatile.Write(ref _other, _other + 1);
                return true;
            default:
                Volatile.Write(ref _other, _other + 1);
                return false;
        }
    }

    // String I/O (INS, OUTS, REP) arrives as one exit with several items, all for one port.
    private void HandlePio(in PioExit exit)
    {
        for (int at = 0; at < exit.Data.Length; at += exit.Size)
        {
            Span<byte> item = exit.Data.Slice(at, exit.Size);
            if (exit.IsWrite)
            {
                pio.Write(exit.Port, item);
            }
            else
            {
                pio.Read(exit.Port, item);
            }
        }
    }

    private void HandleMmio(in MmioExit exit)
    {
        if (exit.IsWrite)
        {
            mmio.Write(exit.Address, exit.Data);
        }
        else
        {
            mmio.Read(exit.Address, exit.Data);
        }
    }

    private bool HandleSystemEvent(SystemEventType type)
    {
        switch (type)
        {
            case SystemEventType.Shutdown:
                report(GuestEvents.Shutdown);
                return true;
            case SystemEventType.Reset:
                report(GuestEvents.Reset);
                return true;
            default:
                return false;
        }
    }
}
