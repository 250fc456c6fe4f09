using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Queue;

/// <summary>
/// Both ends of a queue, and what each request must be: its bytes when the device takes it, once, in the order of
/// addition; its answer when the driver collects it, once, in the order of completion.
/// </summary>
internal sealed class QueueModel : IDisposable
{
    private readonly QueuePair _pair;
    private readonly Dictionary<ushort, Request> _byId = [];
    private readonly Queue<Request> _added = new();
    private readonly Queue<Request> _available = new();
    private readonly List<(DescriptorChain Chain, Request Request, int Turn)> _taken = [];
    private readonly Queue<Request> _completed = new();
    private readonly Queue<Request> _published = new();
    private int _turn;
    private int _number;

    public QueueModel(VirtqueueOptions options, ushort size) => _pair = new QueuePair(options, size);

    /// <summary>What the driver has seen, to be compared between kinds of queue.</summary>
    public List<(int Request, uint Written)> Seen { get; } = [];

    public void Dispose() => _pair.Dispose();

    public void Add(int[] readable, int[] writable, bool indirect)
    {
        int buffers = readable.Length + writable.Length;
        indirect &= _pair.Driver.Options.HasFlag(VirtqueueOptions.Indirect) && buffers <= _pair.Driver.Size;
        if (buffers == 0 || (indirect ? 1 : buffers) > _pair.Driver.FreeDescriptors)
        {
            return;
        }

        Request request = new(
            ++_number,
            [.. readable.Select(length => _pair.Memory.Readable(Pattern(_number, length)))],
            [.. writable.Select(_pair.Memory.Writable)]);
        ushort id = _pair.Driver.Add([.. request.Readable, .. request.Writable], indirect);
        Assert.True(_byId.TryAdd(id, request), "an id is in use");
        _added.Enqueue(request);
    }

    public void Kick()
    {
        _pair.Driver.Kick();
        while (_added.TryDequeue(out Request? request))
        {
            _available.Enqueue(request);
        }
    }

    public void Take()
    {
        bool taken = _pair.Device.TryPop(out DescriptorChain? chain);
        Assert.Equal(VirtqueueFault.None, _pair.Device.Fault);
        Assert.Equal(_available.TryDequeue(out Request? request), taken);
        if (!taken)
        {
            return;
        }

        Assert.Equal((request!.ReadableLength, request.WritableLength), (chain!.ReadableLength, chain.WritableLength));
        byte[] content = new byte[request.ReadableLength];
        Assert.Equal(content.Length, chain.Read(0, content));
        Assert.Equal(request.Readable.SelectMany(buffer => Pattern(request.Number, (int)buffer.Length)), content);
        _taken.Add((chain, request, ++_turn));
    }

    public void Return()
    {
        if (_taken.Count == 0 || _taken[^1].Turn != _turn)
        {
            return;
        }

        (DescriptorChain chain, Request request, _) = _taken[^1];
        _taken.RemoveAt(_taken.Count - 1);
        _turn--;
        _pair.Device.Return(chain);
        Request[] rest = [.. _available];
        _available.Clear();
        _available.Enqueue(request);
        Array.ForEach(rest, _available.Enqueue);
    }

    public void Complete(int which, int written)
    {
        if (_taken.Count == 0)
        {
            return;
        }

        int index = which % _taken.Count;
        (DescriptorChain chain, Request request, _) = _taken[index];
        _taken.RemoveAt(index);
        request.Written = (uint)Math.Min(written, (int)request.WritableLength);
        Assert.Equal((int)request.Written, chain.Write(0, Pattern(-request.Number, (int)request.Written)));
        _pair.Device.Complete(chain, request.Written);
        _completed.Enqueue(request);
    }

    public void Publish()
    {
        _pair.Device.Publish();
        while (_completed.TryDequeue(out Request? request))
        {
            _published.Enqueue(request);
        }
    }

    public void Collect()
    {
        bool collected = _pair.Driver.TryCollect(out UsedElement used);
        Assert.Equal(_published.TryDequeue(out Request? expected), collected);
        if (!collected)
        {
            return;
        }

        Assert.True(_byId.Remove(used.Id, out Request? request), "a request was completed that was not under way");
        Assert.Same(expected, request);
        Assert.Equal(request!.Written, used.Written);
        byte[] answer = [.. request.Writable.SelectMany(buffer => _pair.Memory.Span(buffer).ToArray())];
        Assert.Equal(Pattern(-request.Number, (int)used.Written), answer[..(int)used.Written]);
        Assert.DoesNotContain(answer[(int)used.Written..], value => value != 0);
        foreach (DriverBuffer buffer in request.Readable)
        {
            Assert.Equal(Pattern(request.Number, (int)buffer.Length), _pair.Memory.Span(buffer));
        }

        Seen.Add((request.Number, used.Written));
    }

    public void ToggleNotifications(bool on)
    {
        if (on)
        {
            Assert.Equal(_available.Count > 0, _pair.Device.AllowNotifications());
        }
        else
        {
            _pair.Device.SuppressNotifications();
        }
    }

    public void SaveAndRestore()
    {
        if (_taken.Count == 0 && _completed.Count == 0)
        {
            _pair.SaveAndRestore();
        }
    }

    /// <summary>Has everything that is under way done, and looks at all of memory.</summary>
    public void Finish()
    {
        Kick();
        while (_available.Count > 0)
        {
            Take();
        }

        while (_taken.Count > 0)
        {
            Complete(0, int.MaxValue);
        }

        Publish();
        while (_published.Count > 0)
        {
            Collect();
        }

        Take();
        Collect();
        Assert.Equal((0, 0), (_pair.Device.InFlight, _pair.Driver.Outstanding));
        Assert.Equal(_pair.Driver.Size, _pair.Driver.FreeDescriptors);
        Assert.Equal(Enumerable.Range(1, _number), Seen.Select(seen => seen.Request).Order());
        Assert.Null(_pair.Memory.FirstDamage);
    }

    private static byte[] Pattern(int seed, int length) =>
        [.. Enumerable.Range(0, length).Select(i => (byte)((seed * 31) + (i * 7) + 1))];

    private sealed record Request(int Number, DriverBuffer[] Readable, DriverBuffer[] Writable)
    {
        public uint ReadableLength { get; } = (uint)Readable.Sum(buffer => buffer.Length);

        public uint WritableLength { get; } = (uint)Writable.Sum(buffer => buffer.Length);

        public uint Written { get; set; }
    }
}
