using System.Runtime.InteropServices;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// Xen's <c>hvm_start_info</c>, version 1 (public/arch-x86/hvm/start_info.h), which the PVH protocol passes in EBX,
/// with the module list and memory map it points to.
/// </summary>
internal static class HvmStartInfo
{
    private const uint Magic = 0x336E_C578;
    private const ulong ModuleList = Layout.StartInfo + 0x40;
    private const ulong MemoryMap = Layout.StartInfo + 0x80;

    /// <summary>Writes all of it, in the page at <see cref="Layout.StartInfo"/>.</summary>
    /// <param name="memory">Guest memory.</param>
    /// <param name="initrd">The first module, the initrd; empty when there is none.</param>
    /// <param name="map">The memory map, whose types are E820's.</param>
    /// <param name="rsdp">Address of the ACPI RSDP, or 0.</param>
    public static void Write(BootMemory memory, GuestRange initrd, IReadOnlyList<E820Entry> map, ulong rsdp)
    {
        uint modules = initrd.Length > 0 ? 1u : 0;
        memory.Write(Layout.StartInfo, new StartInfo
        {
            Magic = Magic,
            Version = 1,
            ModuleCount = modules,
            ModuleListAddress = modules > 0 ? ModuleList : 0,
            CommandLineAddress = Layout.CommandLine,
            RsdpAddress = rsdp,
            MemoryMapAddress = MemoryMap,
            MemoryMapEntries = (uint)map.Count,
        });
        memory.Write(ModuleList, new Module { Address = initrd.Start.Value, Size = initrd.Length });
        for (int i = 0; i < map.Count; i++)
        {
            ulong address = MemoryMap + (ulong)(i * Marshal.SizeOf<MapEntry>());
            memory.Write(address, new MapEntry { Address = map[i].Address, Size = map[i].Length, Type = (uint)map[i].Type });
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StartInfo
    {
        public uint Magic;
        public uint Version;
        public uint Flags;
        public uint ModuleCount;
        public ulong ModuleListAddress;
        public ulong CommandLineAddress;
        public ulong RsdpAddress;
        public ulong MemoryMapAddress;
        public uint MemoryMapEntries;
        public uint Reserved;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Module
    {
        public ulong Address;
        public ulong Size;
        public ulong CommandLineAddress;
        public ulong Reserved;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MapEntry
    {
        public ulong Address;
        public ulong Size;
        public uint Type;
        public uint Reserved;
    }
}
