using StratoVirt.Definitions.Devices;

namespace StratoVirt.Definitions.Changes;

/// <summary>
/// What a machine can take over while it runs, as the engine has it. What is not named here needs a restart, so that a
/// key that is new is at worst restarted for. The engine has the last word: it may refuse what is said to be hot.
/// </summary>
internal static class ChangeRules
{
    private static readonly HashSet<string> HotSettings =
    [
        "disks.rateLimit",
        "networks.receiveLimit", "networks.sendLimit", "networks.linkUp",
        "memoryDevices.size",
        "entropy.rateLimit",
        "balloon.size", "balloon.statisticsInterval",
    ];

    /// <summary>When a machine has a change.</summary>
    /// <param name="change">The change; its effect is not looked at.</param>
    /// <param name="live">The machine.</param>
    /// <param name="after">What it shall be.</param>
    internal static ChangeEffect Judge(DefinitionChange change, LiveMachine live, VmDefinition after)
    {
        ReadOnlySpan<ChangeStep> steps = change.Place.Steps.AsSpan();
        if (steps is [{ Key: "metadata" }, { Key: "labels" }, ..] or [_, { Key: "state" }])
        {
            return ChangeEffect.Record;
        }

        // The console's settings and how threads wait are the host's own; places in a list are what a guest numbers its devices by.
        if (change.Kind == ChangeKind.Reorder || steps is [_, { Key: "console" or "polling" }, ..])
        {
            return ChangeEffect.NextStart;
        }

        return change.Device is not null ? JudgeDevice(change, live, after)
            : steps is [_, { Key: "rateGroups" }] ? ChangeEffect.NextStart
            : ChangeEffect.Restart;
    }

    private static ChangeEffect JudgeDevice(DefinitionChange change, LiveMachine live, VmDefinition after)
    {
        ReadOnlySpan<ChangeStep> steps = change.Place.Steps.AsSpan();
        bool isHot = (change.IsDevice, change.Kind) switch
        {
            (true, ChangeKind.Add) => CanPlug(after.Spec.FindDevice(change.Device!)!, live),
            (true, _) => live.Removable.Contains(change.Device!),
            _ => HotSettings.Contains($"{steps[1].Key}.{steps[2].Key}"),
        };
        return isHot ? ChangeEffect.Hot : ChangeEffect.Restart;
    }

    private static bool CanPlug(DeviceSpec device, LiveMachine live)
    {
        VmSpec spec = live.Definition.Spec;
        string? group = device switch
        {
            DiskSpec disk => disk.RateGroup,
            NetworkSpec network => network.RateGroup,
            _ => null,
        };
        bool nameIsFree = spec.FindDevice(device.Name) is null || live.Removable.Contains(device.Name);
        bool groupIsThere = group is null || spec.RateGroups.Any(known => known.Name.Equals(group, StringComparison.OrdinalIgnoreCase));
        return spec.Acpi && nameIsFree && groupIsThere && device switch
        {
            // Both bring memory, which is laid out when the machine is built.
            PersistentMemorySpec or MemoryDeviceSpec => false,
            // Its server needs guest memory that is shared, which a machine has when it was built with a share.
            ShareSpec => spec.Shares.Count != 0,
            _ => true,
        };
    }
}
