namespace StratoVirt.PowerShell.Session;

/// <summary>Looks at machines again and again and tells how fast their counters grow.</summary>
internal sealed class VmMeter
{
    private readonly Dictionary<string, StratoVmMeasure> _before = new(StringComparer.Ordinal);
    private MemoryRound _round = new();

    /// <summary>Begins a round, in which the memory of this process is looked at once for all its machines.</summary>
    public void Begin() => _round = new MemoryRound();

    /// <summary>Looks at a machine that runs.</summary>
    public StratoVmMeasure Measure(StratoVm vm, MachineRun run)
    {
        StratoVmMeasure? before = _before.GetValueOrDefault(vm.Path);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        TimeSpan interval = before is null ? TimeSpan.Zero : now - before.Time;
        IReadOnlyList<StratoVcpuExits> exits = vm.VcpuExits;
        RunMemory memory = run.MeasureMemory(_round);
        var measure = new StratoVmMeasure
        {
            Name = vm.Name,
            Time = now,
            Interval = interval,
            Uptime = vm.Uptime ?? TimeSpan.Zero,
            VcpuExits = exits,
            ExitsPerSecond = before is null ? null : (exits.Sum(Total) - before.VcpuExits.Sum(Total)) / interval.TotalSeconds,
            GuestMemory = memory.Guest,
            GuestResident = memory.GuestResident,
            ProcessResident = memory.ProcessResident,
            Devices = run.Devices.Select(device => Measure(device, before, interval)).ToArray(),
        };
        _before[vm.Path] = measure;
        return measure;
    }

    private static double Total(StratoVcpuExits exits) => (double)exits.Pio + exits.Mmio + exits.Interrupted + exits.Other;

    private static StratoDeviceMeasure Measure(LiveDevice live, StratoVmMeasure? before, TimeSpan interval)
    {
        var device = new StratoDevice(string.Empty, live.Spec, live);
        StratoDeviceMeasure? last = before?.Devices.FirstOrDefault(other => other.Name == device.Name);
        var rates = new Dictionary<string, double>();
        foreach ((string name, object? value) in device.Metrics)
        {
            if (last is not null && Number(value) is { } present && Number(last.Counters.GetValueOrDefault(name)) is { } past && present >= past)
            {
                rates[name] = (present - past) / interval.TotalSeconds;
            }
        }

        return new StratoDeviceMeasure
        {
            Name = device.Name,
            Kind = device.Kind,
            State = device.State,
            Counters = device.Metrics,
            PerSecond = rates,
        };
    }

    private static double? Number(object? value) => value switch
    {
        ulong number => number,
        long number => number,
        uint number => number,
        int number => number,
        _ => null,
    };
}
