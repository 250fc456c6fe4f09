using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Fuzz;

/// <summary>The owner and end files of a machine's runtime directory: any bytes are one, whole, or none.</summary>
internal static class OwnerTarget
{
    public static byte[] Seed() => RuntimeJson.Write(
        new RuntimeOwner { Name = "web", ProcessId = 42, ProcessStartTicks = 1234, StartedAt = DateTimeOffset.UnixEpoch, Home = "/srv" }).ToArray();

    public static byte[] EndSeed() => RuntimeJson.Write(
        new RuntimeEnd
        {
            Owner = new RuntimeOwner { Name = "web", ProcessId = 42, ProcessStartTicks = 1234, StartedAt = DateTimeOffset.UnixEpoch },
            Cause = ShutdownCause.HostError,
            EndedAt = DateTimeOffset.UnixEpoch,
            Problem = "it died",
        }).ToArray();

    public static void Run(byte[] input)
    {
        if (RuntimeJson.TryReadEnd(input) is { } end)
        {
            ArgumentNullException.ThrowIfNull(end.Owner);
        }

        if (RuntimeJson.TryReadOwner(input) is { } owner)
        {
            ArgumentNullException.ThrowIfNull(owner.Name);
            _ = ProcessIdentity.IsAlive(owner);
        }
    }
}
