using StratoVirt.Backends.Io;
using StratoVirt.Backends.Memory;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.PersistentMemory;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>A file that the guest sees as memory. A flush blocks, so it has a thread of its own.</summary>
internal sealed class PersistentMemoryAssembly : DeviceAssembly
{
    // What the guest's kernel maps it by (DAX), so that it never meets the end of the file inside a page.
    private const ulong Granule = 2 << 20;

    private readonly PersistentMemoryDevice _device;
    private readonly MappedFile _file;

    /// <summary>Maps the file behind RAM and makes the device.</summary>
    /// <exception cref="MachineException">The file does not serve.</exception>
    public PersistentMemoryAssembly(PersistentMemorySpec spec, DeviceContext context)
        : base(spec)
    {
        string path = context.Resolve(spec.Path);
        MemoryMapping mapping = Map(spec, path, out _file);
        GuestRange range = context.Place(mapping.Length);
        context.Memory.Add(new GuestMemoryRegion(range.Start, mapping));
        try
        {
            // Closed when the thread has ended, which is acquired after it.
            FileWatch changes = Own(Watch(spec, path));
            IoThread thread = OwnThread(context);
            _ = thread.Watch(changes, EpollEvents.In, _ =>
            {
                changes.Drain();
                context.MemoryFileChanged?.Invoke();
            });
            _device = new PersistentMemoryDevice(range, _file, thread);
        }
        catch
        {
            _file.Dispose();
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override VirtioDevice Device => _device;

    /// <inheritdoc/>
    public override object Metrics => _device.Metrics;

    /// <inheritdoc/>
    protected override string? Problem => _file.Problem ?? _device.Metrics.LastError;

    /// <summary>Mends the guest's memory if the file has been cut; the outside is told then.</summary>
    /// <returns>Whether it had been.</returns>
    public bool TryMend(DeviceContext context)
    {
        if (!_file.TryMend())
        {
            return false;
        }

        NoteFailure(context);
        return true;
    }

    /// <inheritdoc/>
    protected override void Apply(DeviceSpec wanted) => Fixed("everything", Spec, wanted);

    private static FileWatch Watch(PersistentMemorySpec spec, string path)
    {
        try
        {
            return FileWatch.Of(path);
        }
        catch (LinuxException refused)
        {
            throw DeviceFault.CannotOpen(spec.Name, "memory file", path, refused);
        }
    }

    private static MemoryMapping Map(PersistentMemorySpec spec, string path, out MappedFile file)
    {
        try
        {
            return MappedFile.Map(path, spec.ReadOnly, Granule, out file);
        }
        catch (LinuxException refused)
        {
            throw DeviceFault.CannotOpen(spec.Name, "memory file", path, refused);
        }
        catch (InvalidDataException misfit)
        {
            throw new MachineException(
                MachineErrorId.DeviceUnusable,
                $"Persistent memory '{spec.Name}' cannot be had. {misfit.Message}",
                "Make the file a multiple of 2 MiB long (truncate -s).");
        }
    }
}
