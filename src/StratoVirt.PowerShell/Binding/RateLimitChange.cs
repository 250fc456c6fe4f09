using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.PowerShell.Errors;

namespace StratoVirt.PowerShell.Binding;

/// <summary>What a user gives of a rate limit. What is null he leaves as it is; a rate of 0 is no limit.</summary>
internal readonly record struct RateLimitChange(ulong? Bandwidth, ulong? BandwidthBurst, int? Operations, int? OperationsBurst)
{
    /// <summary>The limit after the change; null when nothing is limited any more.</summary>
    /// <exception cref="StratoVirtException">A burst is given where there is no rate.</exception>
    public RateLimitSpec? Apply(RateLimitSpec? before)
    {
        ByteSize? bandwidth = Bandwidth switch
        {
            null => before?.Bandwidth,
            0 => null,
            { } bytes => new ByteSize(bytes),
        };
        int? operations = Operations switch
        {
            null => before?.Operations,
            0 => null,
            { } number => number,
        };
        RequireRate(bandwidth is not null, BandwidthBurst is not null, nameof(BandwidthBurst), nameof(Bandwidth));
        RequireRate(operations is not null, OperationsBurst is not null, nameof(OperationsBurst), nameof(Operations));
        return bandwidth is null && operations is null ? null : new RateLimitSpec
        {
            Bandwidth = bandwidth,
            BandwidthBurst = bandwidth is null ? null : BandwidthBurst is { } bytesAtOnce ? new ByteSize(bytesAtOnce) : before?.BandwidthBurst,
            Operations = operations,
            OperationsBurst = operations is null ? null : OperationsBurst ?? before?.OperationsBurst,
        };
    }

    private static void RequireRate(bool hasRate, bool hasBurst, string burst, string rate)
    {
        if (hasBurst && !hasRate)
        {
            throw ErrorRecords.Failure(
                CommandErrorId.SettingUnfit, $"-{burst} means nothing without a limit that it goes beyond.", $"Give -{rate} with it.");
        }
    }
}
