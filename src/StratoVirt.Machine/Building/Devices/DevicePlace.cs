namespace StratoVirt.Machine.Building.Devices;

/// <summary>Where a device is in its machine.</summary>
/// <param name="Bus">What the guest finds it on.</param>
/// <param name="Slot">Its PCI slot; 0 for registers.</param>
/// <param name="Registers">Guest physical address of its registers; 0 for PCI, where the guest chooses it.</param>
internal readonly record struct DevicePlace(VmDeviceBus Bus, int Slot, ulong Registers)
{
    /// <summary>The place as the guest's tools write it.</summary>
    public string Address => Bus == VmDeviceBus.VirtioPci ? $"0000:00:{Slot:x2}.0" : $"0x{Registers:x}";

    /// <summary>Behind registers at a fixed address.</summary>
    public static DevicePlace AtRegisters(ulong address) => new(VmDeviceBus.VirtioMmio, 0, address);

    /// <summary>In a slot of the PCI root bus.</summary>
    public static DevicePlace InSlot(int slot) => new(VmDeviceBus.VirtioPci, slot, 0);
}
