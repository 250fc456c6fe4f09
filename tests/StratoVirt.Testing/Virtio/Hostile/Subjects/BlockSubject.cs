using System.Buffers.Binary;
using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Block;
using StratoVirt.Linux;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>
/// A disk with two queues. It is divided into areas, each filled with one byte; a request under way has an area to
/// itself, and what writes covers it whole, so what a read must find is known.
/// </summary>
public sealed class BlockSubject : DeviceSubject
{
    private const int AreaLength = 8192;
    private const int Areas = 32;
    private const int Read = 0;
    private const int Write = 1;
    private const int Flush = 4;
    private const int Identity = 8;
    private const int Discard = 11;
    private const int WriteZeroes = 13;

    private static readonly int[] Kinds = [Read, Read, Read, Write, Write, Write, Flush, Identity, Discard, WriteZeroes];

    private readonly byte[] _content = new byte[Areas * AreaLength];
    private readonly byte[] _known = new byte[Areas];
    private readonly bool[] _lent = new bool[Areas];
    private MemoryDisk _disk = null!;

    // Between drivers nothing is under way, and a driver that broke the rules may have written anything.
    /// <inheritdoc/>
    public override void Begin(ulong features)
    {
        for (int area = 0; area < Areas; area++)
        {
            Refill(area);
            _lent[area] = false;
        }
    }

    /// <inheritdoc/>
    public override bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices)
    {
        int area = choices.Below(Areas);
        if (_lent[area])
        {
            return false;
        }

        _lent[area] = true;
        plan.Kind = Kinds[choices.Below(Kinds.Length)];
        plan.Note = Note(area, _disk.Failed);
        bool hasRange = plan.Kind is Discard or WriteZeroes;
        int offset = plan.Kind == Read ? choices.Below(AreaLength / 512) * 512 : 0;
        byte[] header = new byte[hasRange ? 32 : 16];
        ulong sector = (ulong)((area * AreaLength) + offset) / 512;
        BinaryPrimitives.WriteInt32LittleEndian(header, plan.Kind);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), hasRange ? 0 : sector);
        if (hasRange)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(16), sector);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), AreaLength / 512);
        }

        plan.WithSplit(Memory.Readable(header), choices.Once(4) ? choices.Below(header.Length) : 0);
        switch (plan.Kind)
        {
            case Read:
                int length = Math.Min(AreaLength - offset, 512 << choices.Below(5));
                plan.WithSplit(Memory.Writable(length), choices.Once(2) ? choices.Below(length) : 0);
                break;
            case Write:
                byte[] data = new byte[AreaLength];
                data.AsSpan().Fill((byte)(1 + choices.Below(255)));
                plan.WithSplit(Memory.Readable(data), choices.Once(2) ? choices.Below(AreaLength) : 0);
                break;
            case Identity:
                plan.With(Memory.Writable(20));
                break;
            default:
                break;
        }

        plan.With(Memory.Writable(1));
        return true;
    }

    /// <inheritdoc/>
    public override string? Judge(int queue, RequestPlan plan, uint written)
    {
        byte[] answer = plan.Copy(Memory, writable: true);
        int area = AreaOf(plan);
        if (answer[^1] != 0)
        {
            return _disk.Failed > FailedAt(plan) ? null : $"request {plan.Kind} ended with status {answer[^1]} and nothing had failed";
        }

        byte expected = plan.Kind switch
        {
            Read => _known[area],
            Write => Memory.Span(plan.Buffers[^2])[0],
            _ => 0,
        };
        switch (plan.Kind)
        {
            case Read:
                return answer.AsSpan(0, answer.Length - 1).ContainsAnyExcept(expected)
                    ? $"area {area} was read and holds something else than {expected}"
                    : written != answer.Length ? $"{written} bytes of {answer.Length} are said to be written" : null;
            case Write:
            case Discard:
            case WriteZeroes:
                plan.Kind = Flush;
                _known[area] = expected;
                return Content(area).ContainsAnyExcept(expected) ? $"area {area} is said to hold {expected}, and does not" : null;
            default:
                return null;
        }
    }

    /// <inheritdoc/>
    public override void Drop(RequestPlan plan)
    {
        if (!plan.IsSane)
        {
            return;
        }

        // A write that was not said to be done may have reached the disk or not.
        int area = AreaOf(plan);
        _lent[area] = false;
        if (plan.Kind is Write or Discard or WriteZeroes)
        {
            Refill(area);
        }
    }

    /// <inheritdoc/>
    public override void Act(ref Choices choices)
    {
        switch (choices.Below(16))
        {
            case 0:
                _disk.Holds = !_disk.Holds;
                break;
            case 1:
                _disk.Failure = choices.Below(4) switch { 0 => Errno.InputOutput, 1 => Errno.NoSpace, 2 => Errno.NotSupported, _ => Errno.None };
                break;
            default:
                _disk.Finish(choices.Below(256));
                break;
        }
    }

    /// <inheritdoc/>
    public override void Settle()
    {
        _disk.Holds = false;
        _disk.Failure = Errno.None;
        _disk.Commit();
    }

    /// <inheritdoc/>
    public override bool MustAnswer(int queue, ulong features) => true;

    /// <inheritdoc/>
    protected override VirtioDevice Make(IoThread thread)
    {
        _disk = new MemoryDisk(_content, RequireGuestMemory);
        return new VirtioBlock(new BlockConfiguration { Queues = 2, QueueSize = 128 }, _disk, thread);
    }

    private static long Note(int area, int failed) => ((long)failed << 8) | (uint)area;

    private static int AreaOf(RequestPlan plan) => (int)(plan.Note & 0xFF);

    private static int FailedAt(RequestPlan plan) => (int)(plan.Note >> 8);

    private Span<byte> Content(int area) => _content.AsSpan(area * AreaLength, AreaLength);

    private void Refill(int area)
    {
        _known[area] = (byte)(area + 1);
        Content(area).Fill(_known[area]);
    }
}
