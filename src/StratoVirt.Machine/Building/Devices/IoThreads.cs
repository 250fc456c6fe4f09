using StratoVirt.Backends.Io;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>The I/O threads of one machine: one that small devices share, made when the first needs it. Disks and
/// network cards have their own.</summary>
/// <param name="guard">Told by each thread what it is for; null where nobody asks.</param>
/// <param name="polling">How long each looks for work at most before it sleeps.</param>
internal sealed class IoThreads(IThreadGuard? guard, TimeSpan polling) : IDisposable
{
    private IoThread? _shared;
    private string? _fault;

    /// <summary>The thread that small devices share.</summary>
    public IoThread Shared => _shared ??= new IoThread("io", failure => Volatile.Write(ref _fault, Describe(failure)), guard, polling);

    /// <summary>A thread for one device.</summary>
    public IoThread Create(string device, Action<Exception> onFault) => new($"io-{device}", onFault, guard, polling);

    /// <summary>What a handler on the shared thread died of outside any queue; null while none has.</summary>
    public string? SharedFault => Volatile.Read(ref _fault);

    /// <summary>An exception as the operator reads it.</summary>
    public static string Describe(Exception failure) =>
        $"a handler on its I/O thread failed with {failure.GetType().Name}: {failure.Message}";

    /// <inheritdoc/>
    public void Dispose() => _shared?.Dispose();
}
