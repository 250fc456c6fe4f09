using StratoVirt.Backends.Net;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>The host's side of a card, of two pairs: has frames when it is told to, and takes them or not.</summary>
/// <param name="check">Called with every piece of memory it is handed.</param>
internal sealed class ScriptedHostNet(Action<nint, int> check) : INetBackend
{
    private readonly ScriptedHostQueue[] _queues = [new(check), new(check)];

    public IReadOnlyList<INetQueue> Queues => _queues;

    public IReadOnlyList<ScriptedHostQueue> Scripts => _queues;

    public NetOffloads Offloads =>
        NetOffloads.Checksum | NetOffloads.Tso4 | NetOffloads.Tso6 | NetOffloads.Ecn | NetOffloads.Ufo;

    public int? Mtu => 1500;

    public string? Problem => Array.Exists(_queues, queue => queue.Status == NetStatus.Gone) ? "gone" : null;

    public bool SetOffloads(NetOffloads offloads) => true;

    public bool SetQueuesInUse(int count) => true;

    public void Dispose() => Array.ForEach(_queues, queue => queue.Descriptor.Dispose());
}

/// <summary>One pair of its queues.</summary>
internal sealed class ScriptedHostQueue(Action<nint, int> check) : INetQueue
{
    private readonly EventFd _event = EventFd.Create();
    private readonly Queue<int> _frames = new();

    public FileDescriptor Descriptor => _event;

    public Errno LastError => Errno.InvalidArgument;

    /// <summary>How sending fares.</summary>
    public NetStatus Status { get; set; }

    /// <summary>A frame comes.</summary>
    public void Add(int length)
    {
        if (_frames.Count < 512)
        {
            _frames.Enqueue(length);
        }

        Wake();
    }

    /// <summary>The descriptor tells of a change.</summary>
    public void Wake() => _event.Signal();

    public NetStatus Look() => Status == NetStatus.Gone ? NetStatus.Gone : NetStatus.Done;

    public void Flush()
    {
    }

    public NetStatus Send(ReadOnlySpan<byte> header, ReadOnlySpan<GuestBuffer> frame)
    {
        int length = 0;
        foreach (GuestBuffer part in frame)
        {
            check(part.HostAddress, part.Length);
            length += part.Length;
        }

        int start = BitConverter.ToUInt16(header[6..]), offset = BitConverter.ToUInt16(header[8..]);
        if (header.Length != INetBackend.HeaderLength || length is < NetFrame.MinLength or > NetFrame.MaxLength
            || frame.Length > NetFrame.MaxParts || (header[0] != 0 && start + offset + 2 > length))
        {
            throw new HostileFindingException($"The host was handed a frame of {length} bytes in {frame.Length} parts, its checksum at {start}+{offset}.");
        }

        return Status;
    }

    public NetStatus Receive(Span<byte> header, ReadOnlySpan<GuestBuffer> frame, Span<byte> rest, out int length)
    {
        length = 0;
        if (Status == NetStatus.Gone)
        {
            return NetStatus.Gone;
        }

        if (!_frames.TryDequeue(out int left))
        {
            return NetStatus.WouldBlock;
        }

        header.Clear();
        foreach (GuestBuffer part in frame)
        {
            check(part.HostAddress, part.Length);
            int run = Math.Min(part.Length, left);
            part.Span[..run].Fill(0x77);
            left -= run;
            length += run;
        }

        int beside = Math.Min(rest.Length, left);
        rest[..beside].Fill(0x77);
        length += beside;
        return NetStatus.Done;
    }
}
