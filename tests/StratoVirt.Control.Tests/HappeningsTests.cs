using System.Text;
using System.Text.Json;
using StratoVirt.Control.Commands;
using StratoVirt.Control.Serving;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Tests.Native;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Tests;

/// <summary>What happens to a machine, as clients hear of it.</summary>
public sealed class HappeningsTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ServedMachine _served = new(start: false);
    private readonly ControlThread _thread = new("test", _ => { }, null);
    private readonly ControlContext _context;
    private readonly QmpServerSession _session;
    private readonly Happenings _happenings;

    public HappeningsTests()
    {
        _context = new ControlContext(_served.Machine, _thread, _ => { });
        _session = new QmpServerSession(CommandSet.Create(_context), _ => { });
        _session.Receive("{\"execute\":\"qmp_capabilities\"}"u8);
        _session.Output.Sent(_session.Output.Length);
        _happenings = new Happenings(_context, new MachineStatus(RunState.Prelaunch, Noon), send => send(_session));
    }

    public void Dispose()
    {
        _context.Dispose();
        _thread.Dispose();
        _served.Dispose();
    }

    [KvmFact]
    public void A_fault_holds_the_machine_and_is_told()
    {
        var running = new MachineStatus(RunState.Running, Noon);
        _happenings.Follow(running);
        _happenings.Follow(running with { State = RunState.InternalError, Fault = new VcpuFault(1, "triple fault", 8, [], [], "a hint") });
        _happenings.Follow(running with { Resets = 1, LastReset = ResetCause.Guest });
        JsonElement[] events = Take();
        Assert.Equal(["RESUME", "STOP", "X_STRATOVIRT_VCPU_FAULT", "RESET", "RESUME"], events.Select(Name));
        Assert.Equal("triple fault", events[2].GetProperty("data").GetProperty("reason").GetString());
        Assert.Equal("guest-reset", events[3].GetProperty("data").GetProperty("reason").GetString());
        Assert.Equal(Noon.ToUnixTimeSeconds(), events[0].GetProperty("timestamp").GetProperty("seconds").GetInt64());
    }

    [KvmFact]
    public void A_disk_that_fails_without_end_is_told_of_once_a_second()
    {
        for (int i = 0; i < 1000; i++)
        {
            _happenings.Follow(new DiskFailed("disk", true, false, "it broke"), Noon.AddMilliseconds(i));
        }

        _happenings.Follow(new DiskFailed("disk", false, true, "no space"), Noon.AddSeconds(1));
        _happenings.Follow(new DiskFailed("other", false, false, "it broke"), Noon.AddSeconds(1));
        JsonElement[] data = [.. Take().Select(happening => happening.GetProperty("data"))];
        Assert.Equal(["disk", "disk", "other"], data.Select(member => member.GetProperty("node-name").GetString()));
        Assert.Equal(["read", "write", "write"], data.Select(member => member.GetProperty("operation").GetString()));
        Assert.True(data[1].GetProperty("nospace").GetBoolean());
        Assert.Equal("/machine/peripheral/disk", data[0].GetProperty("qom-path").GetString());
    }

    [KvmFact]
    public void A_device_whose_host_side_has_failed_is_told_of_with_the_reason()
    {
        _happenings.Follow(new DeviceFailed("card", "The tap has been deleted."), Noon);
        JsonElement happening = Assert.Single(Take());
        Assert.Equal("X_STRATOVIRT_DEVICE_FAILED", Name(happening));
        Assert.Equal(
            """{"device":"card","path":"/machine/peripheral/card","reason":"The tap has been deleted."}""",
            happening.GetProperty("data").GetRawText());
    }

    [KvmFact]
    public void A_balloon_that_changes_without_end_is_told_of_at_once_and_then_once_a_second()
    {
        for (ulong i = 1; i <= 1000; i++)
        {
            _happenings.Follow(new BalloonChanged("balloon", i << 12), Noon);
        }

        JsonElement only = Assert.Single(Take());
        Assert.Equal((32L << 20) - 4096, only.GetProperty("data").GetProperty("actual").GetInt64());
    }

    private static string? Name(JsonElement happening) => happening.GetProperty("event").GetString();

    private JsonElement[] Take()
    {
        string text = Encoding.UTF8.GetString(_session.Output.Unsent);
        _session.Output.Sent(_session.Output.Length);
        return [.. text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
