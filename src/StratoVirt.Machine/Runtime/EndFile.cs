using StratoVirt.Linux;

namespace StratoVirt.Machine.Runtime;

/// <summary>The <c>end</c> file: written by the holder of the lock as the last thing he does, or for him by whoever
/// finds that he died.</summary>
internal static class EndFile
{
    internal const string Name = "end";
    private const string TemporaryName = "end.new";

    /// <summary>A record is a few hundred bytes and an error's text; anything much longer is none.</summary>
    private const int MaxLength = 64 << 10;

    /// <summary>Writes it in one step. Not flushed: runtime directories do not outlive the host's own end.</summary>
    internal static void Write(string directory, RuntimeEnd end)
    {
        string temporary = Path.Combine(directory, TemporaryName);
        SmallFile.Write(temporary, RuntimeJson.Write(end));
        FileNames.TryRename(temporary, Path.Combine(directory, Name));
    }

    /// <summary>Reads it; null when there is none or it says nothing sensible.</summary>
    internal static RuntimeEnd? Read(string directory)
    {
        try
        {
            using FileStream file = File.OpenRead(Path.Combine(directory, Name));
            byte[] content = new byte[Math.Min(file.Length, MaxLength)];
            int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return RuntimeJson.TryReadEnd(content.AsMemory(0, length));
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
