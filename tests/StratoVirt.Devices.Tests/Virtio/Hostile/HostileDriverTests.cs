using CsCheck;
using StratoVirt.Testing.Virtio.Hostile;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Hostile;

/// <summary>Whatever a driver does, step by step, to any device behind either transport. A failure is shrunk to the steps
/// that matter; the fuzz targets <c>block-mmio</c> to <c>pmem-pci</c> play the same for as long as one likes.</summary>
public sealed class HostileDriverTests
{
    private const int Runs = 40;

    private static readonly Gen<DriverStep> Steps = Gen.Select(
        Gen.Int[0, DriverStep.Moves.Count - 1], Gen.Byte, Gen.ULong)
        .Select((move, queue, word) => new DriverStep(DriverStep.Moves[move], queue, word));

    public static TheoryData<string, bool> Devices { get; } = MakeDevices();

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_device_serves_or_asks_for_a_reset_whatever_its_driver_does(string kind, bool isPci) =>
        Steps.Array[1, 150].Sample(
            steps => _ = HostileDriver.Play(DeviceSubjects.All[kind], isPci, [new DriverStep(DriverMove.Start, 0, 1), .. steps]),
            iter: kind == "fs" ? Runs / 8 : Runs);

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_device_may_be_reset_paused_or_taken_out_at_every_step(string kind, bool isPci)
    {
        DriverStep[] life = [.. Life()];
        DriverMove[] interruptions =
            [DriverMove.Reset, DriverMove.MachineReset, DriverMove.Replug, DriverMove.ResetQueue, DriverMove.Pause, DriverMove.Start];
        for (int at = 1; at <= life.Length; at += kind == "fs" ? 8 : 1)
        {
            foreach (DriverMove interruption in interruptions)
            {
                DriverStep[] steps =
                    [.. life[..at], new DriverStep(interruption, (byte)at, (ulong)at), .. life[at..], new DriverStep(DriverMove.Settle, 0, 0)];
                HostileDriver.Play(DeviceSubjects.All[kind], isPci, steps);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Configuration_space_may_be_written_anywhere_while_requests_are_under_way(string kind, bool isPci)
    {
        IEnumerable<DriverStep> writes = Enumerable.Range(0, 300).Select(i => new DriverStep(DriverMove.WriteConfiguration, 0, (ulong)i));
        HostileDriver.Play(DeviceSubjects.All[kind], isPci, [.. Life(), .. writes, .. Life()]);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_storm_of_notifications_ends(string kind, bool isPci)
    {
        IEnumerable<DriverStep> storm = Enumerable.Range(0, 20).Select(i => new DriverStep(DriverMove.Storm, 0, (ulong)i));
        HostileDriver.Play(DeviceSubjects.All[kind], isPci, [.. Life(), .. storm, new DriverStep(DriverMove.Settle, 0, 0)]);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Good_drivers_are_served(string kind, bool isPci)
    {
        DriverStep[] steps = [.. Enumerable.Range(0, 20).SelectMany(i => Life((ulong)i)), new DriverStep(DriverMove.Settle, 0, 0)];
        (long judged, long resets) = HostileDriver.Play(DeviceSubjects.All[kind], isPci, steps);
        Assert.Equal(0, resets);
        Assert.True(kind == "fs" ? judged == 0 : judged > 20, $"{judged} answers were seen");
    }

    [Theory]
    [InlineData(Lie.LosesRequests)]
    [InlineData(Lie.WritesLate)]
    [InlineData(Lie.WritesBeside)]
    [InlineData(Lie.WritesAnywhere)]
    [InlineData(Lie.StopsWithoutAWord)]
    [InlineData(Lie.NeverRests)]
    [InlineData(Lie.Throws)]
    [InlineData(Lie.AnswersNonsense)]
    public void A_device_that_misbehaves_is_found(Lie lie)
    {
        // Queues of several sizes: one of one entry takes no request of two.
        DriverStep[] steps =
        [
            .. Enumerable.Range(0, 8).SelectMany(life => (DriverStep[])
            [
                new(DriverMove.Start, 0, (ulong)life),
                .. Enumerable.Range(0, 12).SelectMany(i => (DriverStep[])
                [
                    new(DriverMove.Add, 0, (ulong)i), new(DriverMove.Turn, 0, 3), new(DriverMove.Collect, 0, 0),
                ]),
                new(DriverMove.Settle, 0, 0),
            ]),
        ];
        Assert.Throws<HostileFindingException>(() => HostileDriver.Play(() => new LyingSubject(lie), isPci: false, steps));
        HostileDriver.Play(() => new LyingSubject(Lie.None), isPci: false, steps);
    }

    // Every queue in turn, as a driver with much to do; nothing that a good one would not do.
    private static IEnumerable<DriverStep> Life(ulong number = 0)
    {
        yield return new DriverStep(DriverMove.Start, 0, 2 + number);
        for (byte i = 0; i < 24; i++)
        {
            yield return new DriverStep(DriverMove.Add, i, (number << 8) + i);
            if (i % 3 == 2)
            {
                yield return new DriverStep(DriverMove.Turn, 0, i);
                yield return new DriverStep(DriverMove.Collect, i, 0);
            }
        }

        yield return new DriverStep(DriverMove.Settle, 0, 0);
    }

    private static TheoryData<string, bool> MakeDevices()
    {
        var data = new TheoryData<string, bool>();
        foreach (string kind in DeviceSubjects.All.Keys)
        {
            data.Add(kind, false);
            data.Add(kind, true);
        }

        return data;
    }
}
