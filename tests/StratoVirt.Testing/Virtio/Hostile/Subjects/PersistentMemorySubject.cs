using StratoVirt.Backends.Io;
using StratoVirt.Backends.Memory;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.PersistentMemory;
using StratoVirt.Linux;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>Persistent memory whose file can fail to flush.</summary>
public sealed class PersistentMemorySubject : DeviceSubject
{
    private StubbornFile _file = null!;

    /// <inheritdoc/>
    public override bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices)
    {
        plan.Note = _file.Failed;
        plan.WithSplit(Memory.Readable(0u), choices.Once(2) ? choices.Below(4) : 0).With(Memory.Writable(4));
        return true;
    }

    /// <inheritdoc/>
    public override string? Judge(int queue, RequestPlan plan, uint written)
    {
        uint result = BitConverter.ToUInt32(Memory.Span(plan.Buffers[^1]));
        return written != 4 || (result != 0 && _file.Failed == plan.Note) ? $"a flush was answered with {result} in {written} bytes" : null;
    }

    /// <inheritdoc/>
    public override void Act(ref Choices choices) => _file.Result = choices.Once(2) ? Errno.InputOutput : Errno.None;

    /// <inheritdoc/>
    public override bool MustAnswer(int queue, ulong features) => true;

    /// <inheritdoc/>
    protected override VirtioDevice Make(IoThread thread)
    {
        _file = new StubbornFile();
        return new PersistentMemoryDevice(new GuestRange(new GuestAddress(Pages), PageLength), _file, thread);
    }

    private sealed class StubbornFile : IPersistentFile
    {
        public Errno Result { get; set; }

        public int Failed { get; private set; }

        public Errno Flush()
        {
            Failed += Result == Errno.None ? 0 : 1;
            return Result;
        }

        public void Dispose()
        {
        }
    }
}
