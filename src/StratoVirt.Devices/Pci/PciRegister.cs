namespace StratoVirt.Devices.Pci;

/// <summary>Offsets and bits of the type 0 configuration header (PCI 3.0 §6.1, §6.2).</summary>
public static class PciRegister
{
    /// <summary>Vendor ID, 16 bits.</summary>
    public const int Vendor = 0x00;

    /// <summary>Device ID, 16 bits.</summary>
    public const int Device = 0x02;

    /// <summary>Command, 16 bits.</summary>
    public const int Command = 0x04;

    /// <summary>Status, 16 bits.</summary>
    public const int Status = 0x06;

    /// <summary>Revision ID, 8 bits, and behind it 24 bits of class code.</summary>
    public const int Revision = 0x08;

    /// <summary>Cache line size, 8 bits: the driver's to keep, without effect.</summary>
    public const int CacheLineSize = 0x0C;

    /// <summary>Header type, 8 bits.</summary>
    public const int HeaderType = 0x0E;

    /// <summary>The first of six base address registers, 32 bits each.</summary>
    public const int FirstBar = 0x10;

    /// <summary>Base address registers of a type 0 header.</summary>
    public const int BarCount = 6;

    /// <summary>Subsystem vendor ID, 16 bits.</summary>
    public const int SubsystemVendor = 0x2C;

    /// <summary>Subsystem ID, 16 bits.</summary>
    public const int SubsystemDevice = 0x2E;

    /// <summary>Offset of the first capability, 8 bits.</summary>
    public const int CapabilityPointer = 0x34;

    /// <summary>Interrupt line, 8 bits: the driver's to keep, without effect.</summary>
    public const int InterruptLine = 0x3C;

    /// <summary>Interrupt pin, 8 bits; 0 is none.</summary>
    public const int InterruptPin = 0x3D;

    /// <summary>Where capabilities begin.</summary>
    public const int FirstCapability = 0x40;

    /// <summary>Command: memory base address registers are decoded.</summary>
    public const ushort MemorySpace = 1 << 1;

    /// <summary>Command: the function may master the bus.</summary>
    public const ushort BusMaster = 1 << 2;

    /// <summary>Command bits a driver may set: memory space, bus master, parity response, SERR#, INTx disable.</summary>
    public const ushort CommandWritable = MemorySpace | BusMaster | (1 << 6) | (1 << 8) | (1 << 10);

    /// <summary>Status: there is a capability list.</summary>
    public const ushort CapabilityList = 1 << 4;

    /// <summary>Base address register: 64 bits wide, the next register being its upper half.</summary>
    public const uint Memory64 = 0b100;
}
