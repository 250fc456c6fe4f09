using StratoVirt.Linux;

namespace StratoVirt.Backends.Block;

/// <summary>An image cannot be used as asked. The message says why and what to do about it.</summary>
public sealed class BlockImageException : IOException
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="path">The image.</param>
    /// <param name="problem">What is wrong, as a sentence.</param>
    /// <param name="reason">The system call that failed, if one did.</param>
    public BlockImageException(string path, string problem, LinuxException? reason = null)
        : base($"Disk image '{path}': {problem}", reason) => Path = path;

    /// <summary>The image.</summary>
    public string Path { get; }
}
