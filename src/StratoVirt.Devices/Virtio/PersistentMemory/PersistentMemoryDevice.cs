using System.Buffers.Binary;
using StratoVirt.Backends.Io;
using StratoVirt.Backends.Memory;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.PersistentMemory;

/// <summary>
/// Tells the guest where a file lies in its memory, and makes it durable when asked (virtio 1.3 §5.19). Reads and
/// writes go straight to the mapping; the one queue carries flushes. A flush blocks, so the device has an I/O thread to
/// itself. What is mapped is set at creation, so it has no state to save.
/// </summary>
public sealed class PersistentMemoryDevice : VirtioDevice
{
    private const ushort QueueSize = 64;
    private const int Configuration = 16;

    // struct virtio_pmem_req { le32 type; }, struct virtio_pmem_resp { le32 ret; } (§5.19.6).
    private const uint FlushRequest = 0;
    private const uint Success = 0;
    private const uint Failure = uint.MaxValue;

    private readonly IPersistentFile _file;
    private readonly GuestRange _range;
    private readonly Func<DescriptorChain, bool> _serve;
    private long _flushes;
    private long _failures;
    private string? _lastError;

    /// <summary>Makes a device.</summary>
    /// <param name="range">Where the guest finds the file.</param>
    /// <param name="file">The file; owned from now on.</param>
    /// <param name="thread">An I/O thread of its own; not owned.</param>
    public PersistentMemoryDevice(GuestRange range, IPersistentFile file, IoThread thread)
        : base(VirtioDeviceType.PersistentMemory, [QueueSize], thread)
    {
        ArgumentNullException.ThrowIfNull(file);
        _range = range;
        _file = file;
        _serve = Serve;
    }

    /// <inheritdoc/>
    public override ulong Features => 0;

    /// <inheritdoc/>
    public override int ConfigurationLength => Configuration;

    /// <summary>Counters at this moment.</summary>
    public PersistentMemoryMetrics Metrics =>
        new(Volatile.Read(ref _flushes), Volatile.Read(ref _failures), Volatile.Read(ref _lastError));

    /// <inheritdoc/>
    public override void ReadConfiguration(int offset, Span<byte> data)
    {
        Span<byte> space = stackalloc byte[Configuration];
        BinaryPrimitives.WriteUInt64LittleEndian(space, _range.Start.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(space[8..], _range.Length);
        space.Slice(offset, data.Length).CopyTo(data);
    }

    /// <inheritdoc/>
    protected override void OnNotified(Virtqueue queue) => ServeRound(queue, _serve);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _file.Dispose();
        }
    }

    private bool Serve(DescriptorChain chain)
    {
        uint result = chain.TryRead(0, out uint type) && type == FlushRequest ? Flush() : Failure;
        uint written = chain.TryWrite(0, in result) ? sizeof(uint) : 0u;
        chain.Queue.Complete(chain, written);
        return true;
    }

    private uint Flush()
    {
        Volatile.Write(ref _flushes, _flushes + 1);
        Errno errno = _file.Flush();
        if (errno == Errno.None)
        {
            return Success;
        }

        Volatile.Write(ref _failures, _failures + 1);
        Volatile.Write(ref _lastError, $"flush failed: {errno}");
        return Failure;
    }
}
