using StratoVirt.Backends.Net;
using StratoVirt.Backends.Net.Vhost;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Tests.Virtio.Net;

/// <summary>A host's side that plays what a test has written and keeps what it is given.</summary>
internal sealed class ScriptedNet(int pairs, NetOffloads offloads, bool vhost = false) : INetBackend
{
    public const NetOffloads All =
        NetOffloads.Checksum | NetOffloads.Tso4 | NetOffloads.Tso6 | NetOffloads.Ecn | NetOffloads.Ufo;

    public ScriptedQueue[] Scripts { get; } = [.. Enumerable.Range(0, pairs).Select(_ => new ScriptedQueue { Kernel = vhost ? new ScriptedVhost() : null })];

    public IReadOnlyList<INetQueue> Queues => Scripts;

    public NetOffloads Offloads => offloads;

    public int? Mtu { get; init; }

    public string? Problem => Array.Exists(Scripts, queue => queue.IsGone) ? "unplugged by the test" : null;

    public NetOffloads OffloadsSet { get; private set; }

    public int QueuesInUse { get; private set; }

    public bool IsDisposed { get; private set; }

    public bool SetOffloads(NetOffloads wanted)
    {
        OffloadsSet = wanted;
        return true;
    }

    public bool SetQueuesInUse(int count)
    {
        QueuesInUse = count;
        return true;
    }

    public void Dispose()
    {
        IsDisposed = true;
        Array.ForEach(Scripts, queue =>
        {
            queue.Vhost?.Dispose();
            queue.Descriptor.Dispose();
        });
    }
}

/// <summary>One queue of it. Its descriptor becomes ready when <see cref="Wake"/> is called.</summary>
internal sealed class ScriptedQueue : INetQueue
{
    private readonly EventFd _event = EventFd.Create();
    private readonly Queue<(byte[] Header, byte[] Frame)> _incoming = new();

    public FileDescriptor Descriptor => _event;

    public ScriptedVhost? Kernel { get; init; }

    public IVhostPair? Vhost => Kernel;

    public Errno LastError => Errno.InvalidArgument;

    /// <summary>Frames sent, with the header in front; nothing is kept when this is null.</summary>
    public List<byte[]>? Sent { get; set; } = [];

    public int SentCount { get; private set; }

    public NetStatus SendStatus { get; set; }

    public bool IsGone { get; set; }

    /// <summary>A frame that comes again and again; it takes nothing to make.</summary>
    public byte[]? Endless { get; set; }

    /// <summary>How often it comes.</summary>
    public int EndlessCount { get; set; }

    public void Add(byte[] frame, byte[]? header = null) => _incoming.Enqueue((header ?? new byte[INetBackend.HeaderLength], frame));

    public void Wake() => _event.Signal();

    public NetStatus Look() => IsGone ? NetStatus.Gone : NetStatus.Done;

    public void Flush()
    {
    }

    public NetStatus Send(ReadOnlySpan<byte> header, ReadOnlySpan<GuestBuffer> frame)
    {
        if (IsGone || SendStatus != NetStatus.Done)
        {
            return IsGone ? NetStatus.Gone : SendStatus;
        }

        SentCount++;
        if (Sent is not null)
        {
            List<byte> bytes = [.. header];
            foreach (GuestBuffer part in frame)
            {
                bytes.AddRange(part.Span);
            }

            Sent.Add([.. bytes]);
        }

        return NetStatus.Done;
    }

    public NetStatus Receive(Span<byte> header, ReadOnlySpan<GuestBuffer> frame, Span<byte> rest, out int length)
    {
        length = 0;
        if (IsGone)
        {
            return NetStatus.Gone;
        }

        ReadOnlySpan<byte> source;
        if (EndlessCount > 0)
        {
            EndlessCount--;
            header.Clear();
            source = Endless;
        }
        else if (_incoming.TryDequeue(out (byte[] Header, byte[] Frame) next))
        {
            next.Header.CopyTo(header);
            source = next.Frame;
        }
        else
        {
            return NetStatus.WouldBlock;
        }

        foreach (GuestBuffer part in frame)
        {
            int run = Math.Min(part.Length, source.Length);
            source[..run].CopyTo(part.Span);
            source = source[run..];
            length += run;
        }

        int beside = Math.Min(rest.Length, source.Length);
        source[..beside].CopyTo(rest);
        length += beside;
        return NetStatus.Done;
    }
}
