using StratoVirt.Linux;

namespace StratoVirt.Machine.Runtime;

/// <summary>The <c>owner</c> file: written by the holder of the lock, read by everybody who finds it held.</summary>
internal static class OwnerFile
{
    internal const string Name = "owner";
    private const string TemporaryName = "owner.new";

    /// <summary>An owner file is a few hundred bytes; anything longer is none.</summary>
    private const int MaxLength = 8 << 10;

    /// <summary>Writes it in one step. Not flushed: it means nothing after a crash of the host.</summary>
    internal static void Write(string directory, RuntimeOwner owner)
    {
        string temporary = Path.Combine(directory, TemporaryName);
        SmallFile.Write(temporary, RuntimeJson.Write(owner));
        FileNames.TryRename(temporary, Path.Combine(directory, Name));
    }

    /// <summary>Reads it; null when there is none or it says nothing sensible, as when its holder is just coming or going.</summary>
    internal static RuntimeOwner? Read(string directory)
    {
        try
        {
            using FileStream file = File.OpenRead(Path.Combine(directory, Name));
            byte[] content = new byte[MaxLength];
            int length = file.ReadAtLeast(content, MaxLength, throwOnEndOfStream: false);
            return RuntimeJson.TryReadOwner(content.AsMemory(0, length));
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    internal static void Delete(string directory)
    {
        FileNames.TryDelete(Path.Combine(directory, TemporaryName));
        FileNames.TryDelete(Path.Combine(directory, Name));
    }
}
