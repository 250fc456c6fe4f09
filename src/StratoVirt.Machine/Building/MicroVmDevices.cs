using StratoVirt.Backends.Char;
using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Legacy;
using StratoVirt.Devices.Legacy.Rtc;
using StratoVirt.Devices.Legacy.Serial;
using StratoVirt.Devices.Platform;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Interrupts;

namespace StratoVirt.Machine.Building;

/// <summary>The platform devices of an x86_64 microVM, placed on its buses.</summary>
internal sealed class MicroVmDevices : IDisposable
{
    private readonly IrqFdLine _serialLine = new(PlatformPorts.Com1Gsi);
    private readonly IrqFdLine _eventLine = new(PlatformPorts.EventGsi);
    private readonly CmosRtc _rtc;

    public MicroVmDevices(ICharBackend console, IMachineControl control, bool acpi)
    {
        Serial = new SerialDevice(_serialLine, console);
        Power = new AcpiPower(control, _eventLine);
        _rtc = new CmosRtc(TimeProvider.System);
        Pio.Add(PlatformPorts.Com1, PlatformPorts.Com1Length, "serial COM1", Serial);
        Pio.Add(PlatformPorts.Rtc, PlatformPorts.RtcLength, "CMOS RTC", _rtc);
        Pio.Add(PlatformPorts.I8042Command, I8042.Length, "i8042", new I8042(control));
        Pio.Add(PlatformPorts.BootMark, 1, "boot mark", new BootMarkPort(control));
        if (acpi)
        {
            Pio.Add(PlatformPorts.AcpiBlock, PlatformPorts.BootMark - PlatformPorts.AcpiBlock, "ACPI power", Power);
        }
    }

    /// <summary>The port I/O bus.</summary>
    public IoBus Pio { get; } = IoBus.ForPorts();

    /// <summary>The memory-mapped I/O bus.</summary>
    public IoBus Mmio { get; } = IoBus.ForMemory();

    /// <summary>The first serial port.</summary>
    public SerialDevice Serial { get; }

    /// <summary>Sleep, reset and the power button.</summary>
    public AcpiPower Power { get; }

    /// <summary>The interrupt inputs in use.</summary>
    public IReadOnlyList<IrqFdLine> Lines => [_serialLine, _eventLine];

    /// <summary>Brings every device to its state at power on.</summary>
    public void Reset()
    {
        Serial.Reset();
        Power.Reset();
        _rtc.Reset();
        _serialLine.Clear();
        _eventLine.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _serialLine.Dispose();
        _eventLine.Dispose();
    }
}
