using StratoVirt.Linux.Processes;

namespace StratoVirt.Host;

/// <summary>Keeps the process small. A host starts once and then mostly waits while hundreds like it share a machine: what
/// only the start needed goes back to the system before the waiting.</summary>
internal static class Footprint
{
    /// <summary>Before anything is allocated.</summary>
    public static void Prepare() => ProcessFootprint.ShareNativeHeap();

    /// <summary>When the machine runs.</summary>
    public static void Shrink()
    {
        IReadOnlyList<ProgramPages> pages = ProcessFootprint.FindProgramPages(Environment.ProcessPath ?? string.Empty);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ProcessFootprint.TrimNativeHeap();
        ProcessFootprint.Drop(pages);
    }
}
