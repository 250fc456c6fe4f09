namespace StratoVirt.Testing;

/// <summary>
/// Descriptors of this process by what they name. Tests beside it open and close their own all the time, so a count of
/// all of them says nothing, and one that is listed may be gone before it is looked at.
/// </summary>
public static class OpenDescriptors
{
    /// <summary>How many name this file.</summary>
    /// <param name="path">Absolute and free of links, as the kernel spells it.</param>
    public static int To(string path) =>
        Directory.GetFileSystemEntries("/proc/self/fd").Count(descriptor => new FileInfo(descriptor).LinkTarget == path);
}
