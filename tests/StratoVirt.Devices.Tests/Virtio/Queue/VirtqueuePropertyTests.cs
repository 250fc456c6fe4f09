using CsCheck;
using StratoVirt.Devices.Virtio.Queue;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Queue;

/// <summary>Any legal driver and any legal device: no request is lost, doubled or mixed up, nothing beside a buffer is
/// written, and the kind of ring makes no difference that the driver can see.</summary>
public sealed class VirtqueuePropertyTests
{
    private static readonly VirtqueueOptions[] Kinds =
    [
        VirtqueueOptions.None,
        VirtqueueOptions.EventIndex,
        VirtqueueOptions.Packed,
        VirtqueueOptions.Packed | VirtqueueOptions.EventIndex,
    ];

    private static readonly Gen<int[]> Lengths = Gen.Int[0, 40].Array[0, 3];

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (6, Gen.Select(Lengths, Lengths, Gen.Bool).Select((read, write, indirect) => new Step(
            $"add {string.Join('+', read)}/{string.Join('+', write)}{(indirect ? " indirect" : "")}", m => m.Add(read, write, indirect)))),
        (4, Gen.Const(new Step("kick", m => m.Kick()))),
        (6, Gen.Const(new Step("take", m => m.Take()))),
        (1, Gen.Const(new Step("return", m => m.Return()))),
        (5, Gen.Select(Gen.Int[0, 7], Gen.Int[0, 60]).Select((which, written) =>
            new Step($"complete {which} with {written}", m => m.Complete(which, written)))),
        (4, Gen.Const(new Step("publish", m => m.Publish()))),
        (5, Gen.Const(new Step("collect", m => m.Collect()))),
        (1, Gen.Bool.Select(on => new Step($"notifications {on}", m => m.ToggleNotifications(on)))),
        (1, Gen.Const(new Step("save and restore", m => m.SaveAndRestore()))));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(16)]
    public void Every_request_is_served_once_whatever_the_ring(int size) =>
        Gen.Select(Steps.Array[1, 150], Gen.Bool).Sample(
            (steps, indirect) =>
            {
                List<(int Request, uint Written)>? seen = null;
                foreach (VirtqueueOptions kind in Kinds)
                {
                    using QueueModel model = new(kind | (indirect ? VirtqueueOptions.Indirect : 0), (ushort)size);
                    Array.ForEach(steps, step => step.Do(model));
                    model.Finish();
                    seen ??= model.Seen;
                    Assert.Equal(seen, model.Seen);
                }
            },
            iter: 150);

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    public void A_packed_ring_of_any_size_serves_every_request_once(int size) =>
        Steps.Array[1, 200].Sample(
            steps =>
            {
                using QueueModel model = new(VirtqueueOptions.Packed | VirtqueueOptions.Indirect, (ushort)size);
                Array.ForEach(steps, step => step.Do(model));
                model.Finish();
            },
            iter: 150);

    /// <summary>A step of driver or device, named so that a shrunk failure can be read.</summary>
    private sealed record Step(string Name, Action<QueueModel> Do)
    {
        public override string ToString() => Name;
    }
}
