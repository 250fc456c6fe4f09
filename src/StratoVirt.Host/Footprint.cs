using StratoVirt.Linux.Processes;

namespace StratoVirt.Host;

/// <summary>Keeps the process small. A host starts once and then mostly waits while hundreds like it share a machine: what
/// only the start needed goes back to the system before the waiting.</summary>
internal static class Footprint
{
    /// <summary>Before anything is allocated.</summary>
    public static void Prepare() => ProcessFootprint.ShareNativeHeap();

    /// <summary>Before this process contains itself, and sees its own mappings no more.</summary>
    public static IReadOnlyList<ProgramPages> FindProgram() =>
        // A jail has no /proc to look into.
        Directory.Exists("/proc/self") ? ProcessFootprint.FindProgramPages(Environment.ProcessPath ?? string.Empty) : [];

    /// <summary>When the machine runs.</summary>
    /// <param name="program">What was found before.</param>
    public static void Shrink(IReadOnlyList<ProgramPages> program)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ProcessFootprint.TrimNativeHeap();
        ProcessFootprint.Drop(program);
    }
}
