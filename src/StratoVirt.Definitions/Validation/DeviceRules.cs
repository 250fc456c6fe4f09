using System.Numerics;
using System.Text.RegularExpressions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Validation;

/// <summary>The rules for devices: names, bounds, and what excludes what.</summary>
internal static partial class DeviceRules
{
    internal static void Check(VmSpec spec, Findings findings)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        CheckEach(spec.Disks, "disks", (disk, path) => CheckDisk(disk, path, findings));
        CheckEach(spec.Networks, "networks", (network, path) => CheckNetwork(network, path, findings));
        CheckEach(spec.Ports, "ports", (port, path) => CheckPort(port, path, findings));
        CheckEach(spec.Shares, "shares", (_, _) => { });
        CheckEach(spec.PersistentMemory, "persistentMemory", (_, _) => { });
        CheckEach(spec.MemoryDevices, "memoryDevices", (memory, path) => CheckMemory(memory, path, findings));
        CheckOne(spec.Entropy, "entropy", (entropy, path) => CheckLimit(entropy.RateLimit, path + ".rateLimit", findings));
        CheckOne(spec.Balloon, "balloon", (balloon, path) => CheckBalloon(balloon, spec.Memory, path, findings));
        CheckOne(spec.Vsock, "vsock", (vsock, path) =>
            CheckRange(vsock.Cid, DefinitionLimits.MinCid, int.MaxValue, path + ".cid", findings));
        CheckGroups(spec, findings);
        if (names.Count > DefinitionLimits.MaxDevices)
        {
            findings.Error(DiagnosticId.OutOfRange, "$.spec", $"The machine has {names.Count} devices; {DefinitionLimits.MaxDevices} are allowed.");
        }

        void CheckEach<T>(IReadOnlyList<T> devices, string key, Action<T, string> check)
            where T : DeviceSpec
        {
            for (int i = 0; i < devices.Count; i++)
            {
                string path = $"$.spec.{key}[{i}]";
                CheckName(devices[i].Name, path, names, findings);
                check(devices[i], path);
            }
        }

        void CheckOne<T>(T? device, string key, Action<T, string> check)
            where T : DeviceSpec => CheckEach(device is null ? [] : (T[])[device], key, (found, path) => check(found, path[..^3]));
    }

    private static void CheckName(string name, string path, Dictionary<string, string> names, Findings findings)
    {
        path = path.EndsWith("[0]", StringComparison.Ordinal) && Singles.Contains(path[7..^3]) ? path[..^3] : path;
        if (!DeviceName().IsMatch(name))
        {
            findings.Error(
                DiagnosticId.InvalidName,
                path + ".name",
                $"The device name {QuotedText.Quote(name)} is not allowed: a name is a letter, then letters, digits, '-' and '_', 32 in all at most.");
        }
        else if (!names.TryAdd(name, path))
        {
            findings.Error(
                DiagnosticId.Conflict,
                path + ".name",
                $"The device name '{name}' is taken by {DefinitionPath.Display(names[name])}: give this one another.");
        }
    }

    private static void CheckDisk(DiskSpec disk, string path, Findings findings)
    {
        if (disk.BlockSize is not (512 or 4096))
        {
            findings.Error(
                DiagnosticId.InvalidValue, path + ".blockSize", $"{Key(path)}.blockSize' is {disk.BlockSize}; it can be 512 or 4096.", "512");
        }

        if (disk.Serial is { } serial && (serial.Length is 0 or > DefinitionLimits.MaxSerial || serial.Any(c => !char.IsAscii(c) || char.IsControl(c))))
        {
            findings.Error(
                DiagnosticId.InvalidValue,
                path + ".serial",
                $"{Key(path)}.serial' is {QuotedText.Quote(serial)}; a serial has 1 to {DefinitionLimits.MaxSerial} printable ASCII characters.");
        }

        CheckRange(disk.Queues ?? 1, 1, DefinitionLimits.MaxDiskQueues, path + ".queues", findings);
        CheckLimit(disk.RateLimit, path + ".rateLimit", findings);
    }

    private static void CheckNetwork(NetworkSpec network, string path, Findings findings)
    {
        int backends = (network.Tap is null ? 0 : 1) + (network.TapDescriptor is null ? 0 : 1) + (network.User ? 1 : 0);
        if (backends != 1)
        {
            findings.Error(
                backends == 0 ? DiagnosticId.MissingKey : DiagnosticId.Conflict,
                path,
                $"{Key(path)}' needs exactly one of 'tap', 'tapDescriptor' and 'user: true'; it has {(backends == 0 ? "none" : "several")}.");
        }

        CheckPattern(network.Tap, Interface(), path + ".tap", "an interface's name has 1 to 15 characters, none of them '/', '%', ':' or a space", findings);
        CheckPattern(network.Mac, Mac(), path + ".mac", "a MAC address is written 52:54:00:12:34:56", findings);
        if (network.Mac is { } mac && Mac().IsMatch(mac) && (Convert.ToByte(mac[..2], 16) & 1) != 0)
        {
            findings.Error(DiagnosticId.InvalidValue, path + ".mac", $"{Key(path)}.mac' is '{mac}', a group address; a card has an even first byte.");
        }

        if (network.Forward is not null && !network.User)
        {
            findings.Error(DiagnosticId.Conflict, path + ".forward", $"{Key(path)}.forward' needs 'user: true'.");
        }

        CheckRange(network.Mtu ?? DefinitionLimits.MinMtu, DefinitionLimits.MinMtu, ushort.MaxValue, path + ".mtu", findings);
        CheckRange(network.TapDescriptor ?? 0, 0, int.MaxValue, path + ".tapDescriptor", findings);
        CheckRange(network.Queues, 1, DefinitionLimits.MaxNetworkQueues, path + ".queues", findings);
        if (network.Queues > 1 && network.Tap is null)
        {
            findings.Error(DiagnosticId.Conflict, path + ".queues", $"{Key(path)}.queues' above 1 needs 'tap': the other networks have one queue.", "1");
        }

        if (network.Vhost && network.User)
        {
            findings.Error(DiagnosticId.Conflict, path + ".vhost", $"{Key(path)}.vhost' needs 'tap': the host's kernel serves no other network.", "false");
        }

        if (network.Vhost)
        {
            CheckRange(network.Queues, 1, DefinitionLimits.MaxVhostQueues, path + ".queues", findings);
        }

        bool isLimited = network.ReceiveLimit is not null || network.SendLimit is not null || network.RateGroup is not null;
        if (network.Vhost && isLimited)
        {
            findings.Error(
                DiagnosticId.Conflict,
                path + ".vhost",
                $"{Key(path)}.vhost' goes with no limit: the host's kernel moves the frames and holds none back. Leave one of the two out.",
                "false");
        }

        CheckLimit(network.ReceiveLimit, path + ".receiveLimit", findings);
        CheckLimit(network.SendLimit, path + ".sendLimit", findings);
    }

    private static void CheckPort(ConsolePortSpec port, string path, Findings findings)
    {
        if ((port.Socket is null ? 0 : 1) + (port.File is null ? 0 : 1) + (port.Pipe is null ? 0 : 1) > 1)
        {
            findings.Error(DiagnosticId.Conflict, path, $"{Key(path)}' has several of 'socket', 'file' and 'pipe': keep one.");
        }
    }

    private static void CheckMemory(MemoryDeviceSpec memory, string path, Findings findings)
    {
        ulong block = memory.BlockSize.Bytes;
        if (block < VmSpec.MemoryGranule.Bytes || !BitOperations.IsPow2(block))
        {
            findings.Error(
                DiagnosticId.InvalidValue,
                path + ".blockSize",
                $"{Key(path)}.blockSize' is {memory.BlockSize}; it is a power of two, {VmSpec.MemoryGranule} at least.",
                VmSpec.MemoryGranule.ToString());
            return;
        }

        foreach ((string key, ByteSize size) in (ReadOnlySpan<(string, ByteSize)>)[("maximum", memory.Maximum), ("size", memory.Size)])
        {
            if (size.Bytes % block != 0)
            {
                findings.Error(
                    DiagnosticId.NotAligned, $"{path}.{key}", $"{Key(path)}.{key}' is {size}; it has to be a multiple of {memory.BlockSize}.");
            }
        }

        if (memory.Maximum.Bytes < block || memory.Maximum.CompareTo(DefinitionLimits.MaxMemory) > 0)
        {
            findings.Error(
                DiagnosticId.OutOfRange,
                path + ".maximum",
                $"{Key(path)}.maximum' is {memory.Maximum}; it can be {memory.BlockSize} to {DefinitionLimits.MaxMemory}.");
        }
        else if (memory.Size.CompareTo(memory.Maximum) > 0)
        {
            findings.Error(DiagnosticId.OutOfRange, path + ".size", $"{Key(path)}.size' is {memory.Size}, above its maximum of {memory.Maximum}.");
        }
    }

    private static void CheckBalloon(BalloonSpec balloon, ByteSize memory, string path, Findings findings)
    {
        if (balloon.Size.Bytes % 4096 != 0 || balloon.Size.CompareTo(memory) >= 0)
        {
            findings.Error(
                DiagnosticId.OutOfRange, path + ".size", $"{Key(path)}.size' is {balloon.Size}; it is a multiple of 4KiB below 'spec.memory', {memory}.");
        }

        CheckRange(balloon.StatisticsInterval, 0, int.MaxValue, path + ".statisticsInterval", findings);
    }

    private static void CheckGroups(VmSpec spec, Findings findings)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < spec.RateGroups.Count; i++)
        {
            string path = $"$.spec.rateGroups[{i}]";
            CheckName(spec.RateGroups[i].Name, path, names, findings);
            CheckLimit(spec.RateGroups[i].Limit, path + ".limit", findings);
        }

        for (int i = 0; i < spec.Disks.Count; i++)
        {
            CheckUse(spec.Disks[i].RateGroup, $"$.spec.disks[{i}]", names, findings);
        }

        for (int i = 0; i < spec.Networks.Count; i++)
        {
            CheckUse(spec.Networks[i].RateGroup, $"$.spec.networks[{i}]", names, findings);
        }
    }

    private static void CheckUse(string? group, string path, Dictionary<string, string> names, Findings findings)
    {
        if (group is not null && !names.ContainsKey(group))
        {
            findings.Error(
                DiagnosticId.InvalidValue,
                path + ".rateGroup",
                $"{Key(path)}.rateGroup' is {QuotedText.Quote(group)}, and 'spec.rateGroups' has no group of that name.",
                NearestWord.Find(group, names.Keys));
        }
    }

    private static void CheckLimit(RateLimitSpec? limit, string path, Findings findings)
    {
        if (limit is null)
        {
            return;
        }

        if (limit.Bandwidth is { Bytes: 0 })
        {
            findings.Error(DiagnosticId.OutOfRange, path + ".bandwidth", $"{Key(path)}.bandwidth' is 0: leave it out for no limit.");
        }

        CheckRange(limit.Operations ?? 1, 1, int.MaxValue, path + ".operations", findings);
        CheckRange(limit.OperationsBurst ?? 0, 0, int.MaxValue, path + ".operationsBurst", findings);
    }

    private static void CheckPattern(string? text, Regex pattern, string path, string rule, Findings findings)
    {
        if (text is not null && !pattern.IsMatch(text))
        {
            findings.Error(DiagnosticId.InvalidValue, path, $"{Key(path)}' is {QuotedText.Quote(text)}; {rule}.");
        }
    }

    private static void CheckRange(int value, int least, int most, string path, Findings findings)
    {
        if (value < least || value > most)
        {
            string bounds = most == int.MaxValue ? $"{least} or more" : $"{least} to {most}";
            findings.Error(
                DiagnosticId.OutOfRange, path, $"{Key(path)}' is {value}; it can be {bounds}.", $"{(value < least ? least : most)}");
        }
    }

    private static readonly string[] Singles = ["entropy", "balloon", "vsock"];

    // The path as its reader says it, with the opening quote; the caller closes it behind what it appends.
    private static string Key(string path) => DefinitionPath.Display(path)[..^1];

    [GeneratedRegex(DefinitionLimits.DeviceNamePattern, RegexOptions.CultureInvariant)]
    private static partial Regex DeviceName();

    [GeneratedRegex(DefinitionLimits.InterfacePattern, RegexOptions.CultureInvariant)]
    private static partial Regex Interface();

    [GeneratedRegex(DefinitionLimits.MacPattern, RegexOptions.CultureInvariant)]
    private static partial Regex Mac();
}
