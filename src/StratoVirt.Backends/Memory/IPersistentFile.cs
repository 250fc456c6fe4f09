using StratoVirt.Linux;

namespace StratoVirt.Backends.Memory;

/// <summary>A file mapped into guest memory, as its device sees it.</summary>
public interface IPersistentFile : IDisposable
{
    /// <summary>Makes what was written to the mapping durable. Blocks; the caller's thread waits for storage.</summary>
    Errno Flush();
}
