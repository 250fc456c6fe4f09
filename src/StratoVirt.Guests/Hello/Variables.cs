using StratoVirt.Guests.Image;

namespace StratoVirt.Guests.Hello;

/// <summary>Addresses of what the guest keeps in memory; all zero when it starts.</summary>
internal static class Variables
{
    /// <summary>Address of the first entry of the loader's memory map.</summary>
    public const ulong MapAddress = GuestLayout.Variables;

    /// <summary>Entries in the map.</summary>
    public const ulong MapCount = GuestLayout.Variables + 0x08;

    /// <summary>Bytes from one entry to the next: 24 in a PVH map, 20 in an e820 map.</summary>
    public const ulong MapStride = GuestLayout.Variables + 0x0C;

    /// <summary>Address of the ACPI root pointer, 0 without.</summary>
    public const ulong Rsdp = GuestLayout.Variables + 0x10;

    /// <summary>Address of the MADT, 0 without.</summary>
    public const ulong Madt = GuestLayout.Variables + 0x18;

    /// <summary>Address of the FADT, 0 without.</summary>
    public const ulong Fadt = GuestLayout.Variables + 0x20;

    /// <summary>Processors the tables call usable.</summary>
    public const ulong Processors = GuestLayout.Variables + 0x28;

    /// <summary>Address of the I/O APIC.</summary>
    public const ulong IoApic = GuestLayout.Variables + 0x2C;

    /// <summary>Address of the string that says where the processor count is from.</summary>
    public const ulong ProcessorSource = GuestLayout.Variables + 0x30;

    /// <summary>Address of the string that says how the guest was entered.</summary>
    public const ulong EntryName = GuestLayout.Variables + 0x38;

    /// <summary>Characters in the line buffer.</summary>
    public const ulong LineLength = GuestLayout.Variables + 0x40;

    /// <summary>Bytes that may still be written before the transmitter must be asked for room.</summary>
    public const ulong TransmitRoom = GuestLayout.Variables + 0x44;

    /// <summary>The character before the present one, to take CR LF as one line end.</summary>
    public const ulong LastCharacter = GuestLayout.Variables + 0x48;
}
