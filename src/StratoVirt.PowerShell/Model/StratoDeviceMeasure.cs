namespace StratoVirt.PowerShell;

/// <summary>What a device has done.</summary>
public sealed class StratoDeviceMeasure
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required StratoDeviceKind Kind { get; init; }

    /// <summary>How it is.</summary>
    public required StratoDeviceState State { get; init; }

    /// <summary>Its counters since it was plugged in.</summary>
    public required IReadOnlyDictionary<string, object?> Counters { get; init; }

    /// <summary>Its counters' growth a second; empty at the first look.</summary>
    public required IReadOnlyDictionary<string, double> PerSecond { get; init; }

    /// <summary>Its name, and the rates that are not zero.</summary>
    public override string ToString()
    {
        string rates = string.Join(", ", PerSecond.Where(rate => rate.Value != 0).Select(rate => $"{rate.Key} {rate.Value:N0}/s"));
        return rates.Length == 0 ? Name : $"{Name}: {rates}";
    }
}
