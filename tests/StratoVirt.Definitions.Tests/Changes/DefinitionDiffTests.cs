using CsCheck;
using StratoVirt.Definitions.Changes;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Tests.Changes;

public sealed class DefinitionDiffTests
{
    private static readonly VmDefinition Plain = Definitions.Plain with
    {
        Spec = Definitions.Plain.Spec with
        {
            Disks = [new DiskSpec { Name = "root", Path = "/root.img" }, new DiskSpec { Name = "data", Path = "/data.img" }],
            Networks = [new NetworkSpec { Name = "uplink", User = true }],
        },
    };

    // Two machines at random, or one and what a user could make of it: devices gone, moved, renamed, of another kind.
    private static readonly Gen<(VmDefinition Before, VmDefinition After)> Pairs = Gen.OneOf(
        Gen.Select(Definitions.Any, Definitions.Any).Select((a, b) => (a, b)),
        Gen.Select(Definitions.Any, Definitions.Any, Gen.Int[0, 100], Gen.Enum<WantedState>()).Select((a, b, seed, state) => (a, Edit(a, b, seed, state))));

    [Fact]
    public void WhatIsBetweenTwoDefinitionsMakesOneTheOther() => Pairs.Sample(pair =>
        Assert.Equal(pair.After, DefinitionDiff.Apply(pair.Before, DefinitionDiff.Between(pair.Before, pair.After))));

    [Fact]
    public void ThereIsNothingBetweenEqualDefinitionsAndSomethingBetweenOthers() => Pairs.Sample(pair =>
    {
        Assert.Empty(DefinitionDiff.Between(pair.Before, pair.Before));
        Assert.Equal(pair.Before == pair.After, DefinitionDiff.Between(pair.Before, pair.After).IsEmpty);
    });

    [Fact]
    public void WhatIsHotCanBeAppliedByItselfAndTheRestIsWhatRemains() => Gen.Select(Pairs, Gen.Int[0, 7]).Sample((pair, mask) =>
    {
        var removable = pair.Before.Spec.ListDevices().Where((_, i) => (mask >> (i % 3) & 1) != 0).Select(device => device.Name);
        var live = new LiveMachine(pair.Before, [.. removable]);
        DefinitionChange[] hot = [.. DefinitionDiff.Between(live, pair.After).Where(change => change.Effect == ChangeEffect.Hot)];
        VmDefinition now = DefinitionDiff.Apply(pair.Before, hot);
        Assert.DoesNotContain(DefinitionDiff.Between(live with { Definition = now }, pair.After), change => change.Effect == ChangeEffect.Hot);
        Assert.Equal(pair.Before with { Spec = WithoutDevices(pair.Before.Spec) }, now with { Spec = WithoutDevices(now.Spec) });
        Assert.Equal(pair.After, DefinitionDiff.Apply(now, DefinitionDiff.Between(now, pair.After)));
    });

    [Fact]
    public void EveryChangeIsReadable() => Pairs.Sample(pair =>
    {
        foreach (DefinitionChange change in DefinitionDiff.Between(pair.Before, pair.After))
        {
            Assert.Matches("^(metadata|spec)[.]", change.Path);
            Assert.NotEqual(change.Before, change.After);
            Assert.Equal(change.Kind == ChangeKind.Add, change.Before is null);
            Assert.Equal(change.Kind == ChangeKind.Remove, change.After is null);
        }
    });

    public static TheoryData<string, VmSpec, string, ChangeEffect> Single => new()
    {
        { "cpus", Plain.Spec with { Cpus = 2 }, "spec.cpus: 1 -> 2", ChangeEffect.Restart },
        { "memory", Plain.Spec with { Memory = ByteSize.FromMebibytes(512) }, "spec.memory: \"256MiB\" -> \"512MiB\"", ChangeEffect.Restart },
        { "state", Plain.Spec with { State = WantedState.Running }, "spec.state: \"present\" -> \"running\"", ChangeEffect.Record },
        { "command line", Plain.Spec with { Boot = Plain.Spec.Boot with { CommandLine = "é" } }, "spec.boot.commandLine: none -> \"é\"", ChangeEffect.Restart },
        { "console", Plain.Spec with { Console = new ConsoleSpec { Log = false } }, "spec.console.log: true -> false", ChangeEffect.NextStart },
        { "order", Plain.Spec with { Disks = [Plain.Spec.Disks[1], Plain.Spec.Disks[0]] }, "spec.disks: [\"root\",\"data\"] -> [\"data\",\"root\"]", ChangeEffect.NextStart },
        { "image", Plain.Spec.WithChangedDevice(Plain.Spec.Disks[0] with { Path = "/b" }), "spec.disks[root].path: \"/root.img\" -> \"/b\"", ChangeEffect.Restart },
        { "limit", Plain.Spec.WithChangedDevice(Plain.Spec.Disks[0] with { RateLimit = new() { Operations = 5 } }), "spec.disks[root].rateLimit: none -> {\"operations\":5}", ChangeEffect.Hot },
        { "link", Plain.Spec.WithChangedDevice(Plain.Spec.Networks[0] with { LinkUp = false }), "spec.networks[uplink].linkUp: true -> false", ChangeEffect.Hot },
        { "no disk", Plain.Spec.WithoutDevice("data"), "spec.disks[data]: ", ChangeEffect.Restart },
        { "a port", Plain.Spec.WithDevice(new ConsolePortSpec { Name = "agent" }), "spec.ports[agent]: none -> ", ChangeEffect.Hot },
        { "a balloon", Plain.Spec.WithDevice(new BalloonSpec()), "spec.balloon: none -> ", ChangeEffect.Hot },
        { "a memory device", Plain.Spec.WithDevice(new MemoryDeviceSpec { Name = "m", Maximum = ByteSize.FromMebibytes(64) }), "spec.memoryDevices[m]: none -> ", ChangeEffect.Restart },
        { "a first share", Plain.Spec.WithDevice(new ShareSpec { Name = "s", Path = "/" }), "spec.shares[s]: none -> ", ChangeEffect.Restart },
        { "a group", Plain.Spec with { RateGroups = [new RateGroupSpec { Name = "g", Limit = new() }] }, "spec.rateGroups[g]: none -> ", ChangeEffect.NextStart },
    };

    [Theory]
    [MemberData(nameof(Single))]
    public void OneDifferenceIsOneChange(string what, VmSpec after, string text, ChangeEffect effect)
    {
        Assert.NotEmpty(what);
        DefinitionChange change = Assert.Single(DefinitionDiff.Between(Plain, Plain with { Spec = after }));
        Assert.StartsWith(text, change.ToString(), StringComparison.Ordinal);
        Assert.Equal(effect, change.Effect);
    }

    [Fact]
    public void ADeviceThatCanLeaveLeavesAtOnceAndFreesItsName()
    {
        VmDefinition after = Plain with { Spec = Plain.Spec.WithoutDevice("data").WithDevice(new NetworkSpec { Name = "DATA", User = true }) };
        Assert.All(DefinitionDiff.Between(Plain, after), change => Assert.Equal(ChangeEffect.Restart, change.Effect));
        Assert.All(DefinitionDiff.Between(new LiveMachine(Plain, ["Data"]), after), change => Assert.Equal(ChangeEffect.Hot, change.Effect));
    }

    [Fact]
    public void WithoutAcpiNothingIsPlugged()
    {
        VmDefinition before = Plain with { Spec = Plain.Spec with { Acpi = false } };
        VmDefinition after = before with { Spec = before.Spec.WithDevice(new BalloonSpec()) };
        Assert.Equal(ChangeEffect.Restart, Assert.Single(DefinitionDiff.Between(before, after)).Effect);
    }

    [Fact]
    public void AChangeOfSomethingThatIsNotThereIsRefused()
    {
        DefinitionChange removal = Assert.Single(DefinitionDiff.Between(Plain, Plain with { Spec = Plain.Spec.WithoutDevice("data") }));
        Assert.Throws<ArgumentException>(() => DefinitionDiff.Apply(Definitions.Plain, [removal]));
    }

    private static VmSpec WithoutDevices(VmSpec spec) => spec.ListDevices().Aggregate(spec, (rest, device) => rest.WithoutDevice(device.Name));

    private static VmDefinition Edit(VmDefinition a, VmDefinition b, int seed, WantedState state)
    {
        VmSpec spec = a.Spec with { State = state, Disks = [.. a.Spec.Disks.Reverse()], Entropy = b.Spec.Entropy };
        if (spec.Disks.Count > 0)
        {
            DiskSpec first = spec.Disks[0];
            spec = (seed % 4) switch
            {
                0 => spec.WithoutDevice(first.Name),
                1 => spec.WithChangedDevice(first with { Name = first.Name.ToUpperInvariant(), Path = "/other" }),
                2 => spec.WithoutDevice(first.Name).WithDevice(new NetworkSpec { Name = first.Name, User = true }),
                _ => spec with { Disks = [.. spec.Disks, first with { Name = "another" }] },
            };
        }

        VmDefinition edited = a with { Metadata = a.Metadata with { Labels = b.Metadata.Labels }, Spec = spec };
        DefinitionValidator.ThrowIfInvalid(edited);
        return edited;
    }
}
