using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Balloon;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>A balloon with all its queues; what is given up are pages of <see cref="DeviceSubject.Pages"/>.</summary>
public sealed class BalloonSubject : DeviceSubject
{
    private const int PageSize = 4096;
    private const int PageCount = (int)(PageLength / PageSize);
    private const int StatisticsQueue = 2;
    private const int HintQueue = 3;

    private readonly Hints _hints = new();
    private BalloonDevice _device = null!;

    /// <inheritdoc/>
    public override bool NonsenseReachesMemory => true;

    /// <inheritdoc/>
    public override bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices)
    {
        switch (queue)
        {
            case < StatisticsQueue:
                uint[] pages = new uint[1 + choices.Below(64)];
                for (int i = 0; i < pages.Length; i++)
                {
                    pages[i] = (uint)((Pages / PageSize) + (ulong)choices.Below(PageCount));
                }

                plan.WithSplit(
                    Memory.Readable(System.Runtime.InteropServices.MemoryMarshal.AsBytes<uint>(pages)),
                    choices.Once(2) ? choices.Below(pages.Length * sizeof(uint)) : 0);
                break;
            case StatisticsQueue:
                byte[] tags = new byte[10 * (1 + choices.Below(12))];
                choices.Fill(tags);
                plan.With(Memory.Readable(tags));
                break;
            case HintQueue when choices.Once(3):
                plan.With(Memory.Readable((uint)choices.Below(6)));
                break;
            default:
                for (int parts = choices.Below(4); parts >= 0; parts--)
                {
                    ulong page = (ulong)choices.Below(PageCount - 8);
                    plan.With(DriverBuffer.Writable(new GuestAddress(Pages + (page * PageSize)), (uint)(1 + choices.Below(8)) * PageSize));
                }

                break;
        }

        return true;
    }

    /// <inheritdoc/>
    public override string? Judge(int queue, RequestPlan plan, uint written) =>
        written == 0 ? null : $"{written} bytes are said to be written by a device that writes none";

    /// <inheritdoc/>
    public override void Act(ref Choices choices)
    {
        switch (choices.Below(5))
        {
            case 0:
                _device.TargetBytes = (ulong)choices.Below(1 << 30);
                break;
            case 1:
                _device.RequestStatistics();
                break;
            case 2:
                _ = _device.BeginHinting(_hints);
                break;
            case 3:
                _device.EndHinting(choices.Once(2));
                break;
            default:
                _ = _device.Statistics;
                break;
        }
    }

    /// <inheritdoc/>
    public override bool MustAnswer(int queue, ulong features) => queue != StatisticsQueue;

    /// <inheritdoc/>
    public override string? FindFault() =>
        _hints.Stray is { } range ? $"a hint of {range} came, which is no page that could be" : null;

    /// <inheritdoc/>
    protected override VirtioDevice Make(IoThread thread) => _device = new BalloonDevice(
        new BalloonConfiguration { DeflateOnOutOfMemory = true, FreePageReporting = true }, thread);

    private sealed class Hints : IFreePageHints
    {
        public GuestRange? Stray { get; private set; }

        public void Hint(GuestRange range)
        {
            if (range.Length == 0 || range.Start.Value + range.Length < range.Start.Value)
            {
                Stray = range;
            }
        }

        public void Finished()
        {
        }
    }
}
