namespace StratoVirt.Machine.Host;

/// <summary>The host's first processor as <c>/proc/cpuinfo</c> describes it.</summary>
internal sealed record ProcessorInfo(string Vendor, string Model, IReadOnlySet<string> Flags)
{
    /// <summary>Reads it now; fields that a kernel does not print are empty.</summary>
    public static ProcessorInfo Read()
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines("/proc/cpuinfo").TakeWhile(line => line.Length > 0))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                fields[line[..colon].Trim()] = line[(colon + 1)..].Trim();
            }
        }

        return new ProcessorInfo(
            fields.GetValueOrDefault("vendor_id", string.Empty),
            fields.GetValueOrDefault("model name", string.Empty),
            fields.GetValueOrDefault("flags", string.Empty).Split(' ').ToHashSet(StringComparer.Ordinal));
    }
}
