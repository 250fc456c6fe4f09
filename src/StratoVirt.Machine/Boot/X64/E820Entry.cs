using System.Runtime.InteropServices;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>What a range of guest physical addresses is (ACPI 6.5 §15, table 15.3).</summary>
internal enum E820Type : uint
{
    /// <summary>RAM the kernel may use.</summary>
    Ram = 1,

    /// <summary>Not to be used.</summary>
    Reserved = 2,
}

/// <summary>One entry of the memory map, as <c>boot_params.e820_table</c> holds it: 20 bytes, packed.</summary>
/// <param name="Address">First address.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Type">What it is.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct E820Entry(ulong Address, ulong Length, E820Type Type);
