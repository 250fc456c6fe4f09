using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;
using StratoVirt.Testing.Virtio.Hostile;

namespace StratoVirt.Devices.Tests.Virtio.Hostile;

/// <summary>What a device may do wrong.</summary>
public enum Lie
{
    None,
    LosesRequests,
    WritesLate,
    WritesBeside,
    WritesAnywhere,
    StopsWithoutAWord,
    NeverRests,
    Throws,
    AnswersNonsense,
}

/// <summary>A device that does one thing wrong, for the driver that must find it.</summary>
internal sealed class LyingSubject(Lie lie) : DeviceSubject
{
    private LyingDevice _device = null!;

    public override bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices)
    {
        DriverBuffer answer = Memory.Writable(8);
        _device.LastAnswer = answer.Address;
        plan.With(Memory.Readable(1UL)).With(answer);
        return true;
    }

    public override string? Judge(int queue, RequestPlan plan, uint written) =>
        written == 8 && Memory.Ref<ulong>(plan.Buffers[^1].Address) == 7 ? null : "7 was expected";

    public override void Act(ref Choices choices)
    {
    }

    public override bool MustAnswer(int queue, ulong features) => true;

    protected override VirtioDevice Make(IoThread thread) => _device = new LyingDevice(lie, thread);

    private sealed class LyingDevice : VirtioDevice
    {
        private readonly Lie _lie;
        private readonly Func<DescriptorChain, bool> _serve;
        private GuestAddress? _earlier;
        private int _served;

        public LyingDevice(Lie lie, IoThread thread)
            : base(VirtioDeviceType.Entropy, [64], thread)
        {
            _lie = lie;
            _serve = Serve;
        }

        public GuestAddress LastAnswer { get; set; }

        public override ulong Features => 0;

        public override int ConfigurationLength => 0;

        public override void ReadConfiguration(int offset, Span<byte> data)
        {
        }

        protected override void OnNotified(Virtqueue queue)
        {
            if (_lie == Lie.NeverRests)
            {
                Doorbells[0].Ring();
            }

            ServeRound(queue, _serve);
        }

        private bool Serve(DescriptorChain chain)
        {
            GuestMemory memory = Active!.Memory;
            switch (_lie)
            {
                case Lie.LosesRequests when ++_served == 5:
                    return true;
                case Lie.WritesLate when _earlier is { } earlier:
                    memory.TryWrite(earlier, 9UL);
                    break;
                case Lie.WritesBeside:
                    memory.TryWrite(LastAnswer + 8, (byte)1);
                    break;
                case Lie.WritesAnywhere:
                    memory.TryWrite(new GuestAddress(HostileDriver.CanaryAddress + 100), (byte)1);
                    break;
                case Lie.StopsWithoutAWord:
                    Refuse("said to nobody");
                    break;
                case Lie.Throws:
                    throw new InvalidOperationException("a mistake");
            }

            _earlier = LastAnswer;
            chain.TryWrite(0, _lie == Lie.AnswersNonsense ? 8UL : 7UL);
            chain.Queue.Complete(chain, 8);
            return true;
        }
    }
}
