using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Interrupts;

namespace StratoVirt.Devices.Platform;

/// <summary>
/// The registers of a hardware-reduced ACPI machine: sleep control and status (ACPI 4.8.3.7), the reset register
/// (4.8.3.6) and the event-select register of the generic event device (5.6.9), which the machine's own AML reads.
/// </summary>
public sealed class AcpiPower : IBusDevice
{
    /// <summary>Bytes of address space.</summary>
    public const ulong Length = 6;

    /// <summary>Offset of the sleep control register.</summary>
    public const int SleepControlOffset = 0;

    /// <summary>Offset of the sleep status register.</summary>
    public const int SleepStatusOffset = 1;

    /// <summary>Offset of the reset register.</summary>
    public const int ResetOffset = 2;

    /// <summary>Offset of the event-select register; reading it clears it.</summary>
    public const int EventSelectOffset = 4;

    /// <summary>The value of the FADT's RESET_VALUE.</summary>
    public const byte ResetValue = 1;

    /// <summary>The SLP_TYP of soft off, as the DSDT's <c>\_S5</c> must give it.</summary>
    public const byte SoftOffSleepType = 5;

    /// <summary>The event that means the power button.</summary>
    public const byte PowerButtonEvent = 0x01;

    /// <summary>The event that means news of a PCI slot.</summary>
    public const byte PciEvent = 0x02;

    private const byte AllEvents = PowerButtonEvent | PciEvent;
    private const byte SleepEnable = 1 << 5;
    private const int SleepTypeShift = 2;
    private const byte SleepTypeMask = 7;
    private const byte WakeStatus = 1 << 7;

    private readonly IMachineControl _machine;
    private readonly IInterruptLine _events;
    private int _sleepStatus;
    private int _pending;

    /// <summary>Wires the registers.</summary>
    /// <param name="machine">Who carries shutdown and reset out.</param>
    /// <param name="events">The generic event device's interrupt.</param>
    public AcpiPower(IMachineControl machine, IInterruptLine events)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(events);
        _machine = machine;
        _events = events;
    }

    /// <summary>Presses the power button; the guest decides what follows. Callable from any thread.</summary>
    public void PressPowerButton() => Raise(PowerButtonEvent);

    /// <summary>Has the machine's AML told of an event. Callable from any thread.</summary>
    public void Raise(byte happened)
    {
        Interlocked.Or(ref _pending, happened & AllEvents);
        _events.Trigger();
    }

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = (offset + (ulong)i) switch
            {
                SleepStatusOffset => (byte)Volatile.Read(ref _sleepStatus),
                EventSelectOffset => (byte)Interlocked.Exchange(ref _pending, 0),
                _ => 0,
            };
        }
    }

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            switch (offset + (ulong)i)
            {
                case SleepControlOffset when (data[i] & SleepEnable) != 0:
                    Sleep((data[i] >> SleepTypeShift) & SleepTypeMask);
                    break;
                case SleepStatusOffset when (data[i] & WakeStatus) != 0:
                    Interlocked.And(ref _sleepStatus, ~WakeStatus);
                    break;
                case ResetOffset when data[i] == ResetValue:
                    _machine.GuestReset();
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The machine's reset.</summary>
    public void Reset()
    {
        Volatile.Write(ref _sleepStatus, 0);
        Volatile.Write(ref _pending, 0);
    }

    /// <summary>The state. The vCPUs are held.</summary>
    public AcpiPowerState Save() => new()
    {
        SleepStatus = (byte)Volatile.Read(ref _sleepStatus),
        Events = (byte)Volatile.Read(ref _pending),
    };

    /// <summary>Takes a saved state over and signals events that wait. The vCPUs are held.</summary>
    /// <exception cref="DeviceStateException">The state is of another version.</exception>
    public void Restore(AcpiPowerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        DeviceStateException.CheckVersion("the ACPI power registers", state.Version, AcpiPowerState.CurrentVersion);
        Volatile.Write(ref _sleepStatus, state.SleepStatus & WakeStatus);
        Volatile.Write(ref _pending, state.Events & AllEvents);
        if ((state.Events & AllEvents) != 0)
        {
            _events.Trigger();
        }
    }

    private void Sleep(int type)
    {
        if (type == SoftOffSleepType)
        {
            _machine.GuestShutdown();
            return;
        }

        // There is no other state. A driver waits without end for WAK_STS after it has fallen asleep: wake it at once.
        Interlocked.Or(ref _sleepStatus, WakeStatus);
    }
}
