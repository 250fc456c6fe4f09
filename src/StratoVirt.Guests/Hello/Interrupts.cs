using Iced.Intel;
using StratoVirt.Guests.Image;
using StratoVirt.Guests.Platform;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Hello;

/// <summary>
/// The one interrupt this guest takes, the serial port's, so that it sleeps in HLT while nobody types and 32 idle
/// guests cost the host nothing. Registers: Intel SDM volume 3, chapter 12 (local APIC), 82093AA data sheet (I/O APIC).
/// </summary>
internal sealed class Interrupts(Assembler c)
{
    /// <summary>Vector of what ends the wait for input: serial port and power button.</summary>
    public const byte SerialVector = 0x40;

    /// <summary>Vector of an interrupt that was withdrawn; on old APICs its low four bits are ones.</summary>
    public const byte SpuriousVector = 0x4F;

    private const uint LocalApic = 0xFEE0_0000;
    private const int EndOfInterrupt = 0xB0;
    private const int SpuriousInterrupt = 0xF0;
    private const int LocalInterrupt0 = 0x350;
    private const uint SoftwareEnable = 1 << 8;
    private const uint Masked = 1 << 16;
    private const int SerialGsi = 4;
    private const int PowerGsi = 9;
    private const int IoApicData = 0x10;
    private const int RedirectionTable = 0x10;

    private Label _serial = c.CreateLabel();
    private Label _spurious = c.CreateLabel();

    /// <summary>The handlers by vector; complete once they are emitted.</summary>
    public Dictionary<byte, Label> Handlers => new() { [SerialVector] = _serial, [SpuriousVector] = _spurious };

    /// <summary>Emits code that routes the interrupts of serial port and power button to this processor and everything else nowhere.</summary>
    public void EmitSetup()
    {
        c.lidt(__[GuestLayout.IdtPointer]);

        // A pair of 8259s that nobody initialised would deliver the same edge as an exception vector.
        c.mov(al, 0xFF);
        c.@out(Ports.Pic1Mask, al);
        c.@out(Ports.Pic2Mask, al);
        c.mov(edi, LocalApic);
        c.mov(__dword_ptr[rdi + LocalInterrupt0], Masked);
        c.mov(__dword_ptr[rdi + SpuriousInterrupt], SoftwareEnable | SpuriousVector);

        // Destination: this processor's APIC id, from CPUID leaf 1. Edge, active high, fixed delivery.
        c.push(rbx);
        c.mov(eax, 1);
        c.cpuid();
        c.and(ebx, 0xFF00_0000);
        c.mov(eax, ebx);
        c.pop(rbx);
        c.mov(edi, __dword_ptr[Variables.IoApic]);
        foreach (int gsi in (ReadOnlySpan<int>)[SerialGsi, PowerGsi])
        {
            c.mov(__dword_ptr[rdi], RedirectionTable + (gsi * 2) + 1);
            c.mov(__dword_ptr[rdi + IoApicData], eax);
            c.mov(__dword_ptr[rdi], RedirectionTable + (gsi * 2));
            c.mov(__dword_ptr[rdi + IoApicData], SerialVector);
        }
    }

    /// <summary>Emits the handlers. The serial one only wakes the HLT: the loop that slept reads the chip.</summary>
    public void EmitHandlers()
    {
        c.Label(ref _serial);
        c.push(rax);
        c.mov(eax, LocalApic);
        c.mov(__dword_ptr[rax + EndOfInterrupt], 0);
        c.pop(rax);
        c.Label(ref _spurious);
        c.iretq();
    }
}
