using StratoVirt.Backends.Entropy;
using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Entropy;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>An entropy device whose source gives short, or nothing.</summary>
public sealed class EntropySubject : DeviceSubject
{
    private Source _source = null!;
    private bool _wasDry;

    /// <inheritdoc/>
    public override bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices)
    {
        int length = 1 + choices.Below(choices.Once(8) ? 20_000 : 300);
        plan.WithSplit(Memory.Writable(length), choices.Once(2) ? choices.Below(length) : 0);
        return true;
    }

    /// <inheritdoc/>
    public override string? Judge(int queue, RequestPlan plan, uint written)
    {
        byte[] bytes = plan.Copy(Memory, writable: true);
        return written == 0 || bytes.AsSpan(0, (int)written).ContainsAnyExcept(Source.Value) || bytes.AsSpan((int)written).ContainsAnyExcept((byte)0)
            ? $"{written} bytes are said to be random, and others are"
            : null;
    }

    /// <inheritdoc/>
    public override void Begin(ulong features) => _wasDry = false;

    /// <inheritdoc/>
    public override void Act(ref Choices choices)
    {
        _source.Most = choices.Once(4) ? 0 : 1 + choices.Below(8192);
        _wasDry |= _source.Most == 0;
    }

    /// <inheritdoc/>
    public override void Settle() => _source.Most = int.MaxValue;

    // A device that found its source dry comes back after a time, which no step is.
    /// <inheritdoc/>
    public override bool MustAnswer(int queue, ulong features) => !_wasDry;

    /// <inheritdoc/>
    protected override VirtioDevice Make(IoThread thread)
    {
        _source = new Source();
        return new EntropyDevice(new EntropyConfiguration(), _source, thread);
    }

    private sealed class Source : IEntropySource
    {
        public const byte Value = 0x5A;

        public int Most { get; set; } = int.MaxValue;

        public string? Problem => null;

        public int Read(Span<byte> destination)
        {
            int count = Math.Min(destination.Length, Most);
            destination[..count].Fill(Value);
            return count;
        }

        public void Dispose()
        {
        }
    }
}
