using StratoVirt.Backends.Limits;
using StratoVirt.Definitions.Devices;
using StratoVirt.Linux.Threads;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>What a device's family may need of the machine it is made for. Lives as long as the machine.</summary>
internal sealed class DeviceContext : IDisposable
{
    private readonly Dictionary<string, RateLimiter> _groups;

    /// <summary>Prepares the machine's rate groups and threads.</summary>
    /// <param name="groups">The groups.</param>
    /// <param name="guard">Told by each thread what it is for; null where nobody asks.</param>
    /// <param name="polling">How long I/O threads look for work at most before they sleep.</param>
    public DeviceContext(IReadOnlyList<RateGroupSpec> groups, IThreadGuard? guard, TimeSpan polling)
    {
        _groups = groups.ToDictionary(
            group => group.Name, group => RateLimits.Create(group.Limit), StringComparer.OrdinalIgnoreCase);
        Guard = guard;
        Threads = new IoThreads(guard, polling);
    }

    /// <summary>The machine's name.</summary>
    public required string Machine { get; init; }

    /// <summary>Its vCPUs.</summary>
    public required int Cpus { get; init; }

    /// <summary>Guest memory.</summary>
    public required GuestMemory Memory { get; init; }

    /// <summary>The first address behind RAM and the windows of devices, for memory that devices bring.</summary>
    public required ulong FreeAddress { get; init; }

    /// <summary>Against what relative paths are resolved.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Where the machine's sockets live while it runs; null when it has no runtime directory.</summary>
    public string? RuntimeDirectory { get; init; }

    /// <summary>Told by each thread what it is for; null where nobody asks.</summary>
    public IThreadGuard? Guard { get; }

    /// <summary>Told, on a vCPU's thread, that the guest has given its balloon another size; returns at once.</summary>
    public Action? BalloonChanged { get; set; }

    /// <summary>Told, on any thread, that the host's side of a device has failed; returns at once.</summary>
    public Action? HostFailed { get; set; }

    /// <summary>Told, on an I/O thread, that a file behind guest memory has changed; returns at once.</summary>
    public Action? MemoryFileChanged { get; set; }

    /// <summary>The machine's I/O threads.</summary>
    public IoThreads Threads { get; }

    /// <summary>An absolute path.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, BaseDirectory);

    /// <summary>A place for memory that a device brings, behind what there is. Kernels add memory in blocks of 128 MiB and
    /// more; a GiB is a multiple of all of them.</summary>
    public GuestRange Place(ulong length)
    {
        const ulong GiB = 1 << 30;
        ulong start = FreeAddress;
        foreach (GuestMemoryRegion region in Memory.Regions)
        {
            start = Math.Max(start, region.Range.End.Value);
        }

        return new GuestRange(new GuestAddress((start + GiB - 1) & ~(GiB - 1)), length);
    }

    /// <summary>The limiter of a group; null for no group.</summary>
    /// <exception cref="MachineException">The definition has no such group.</exception>
    public RateLimiter? Group(string? name) => name is null ? null
        : _groups.TryGetValue(name, out RateLimiter? limiter) ? limiter
        : throw new MachineException(
            MachineErrorId.DeviceUnusable,
            $"Machine '{Machine}' has no rate group '{name}'.",
            "Name one of its definition's spec.rateGroups.");

    /// <inheritdoc/>
    public void Dispose() => Threads.Dispose();
}
