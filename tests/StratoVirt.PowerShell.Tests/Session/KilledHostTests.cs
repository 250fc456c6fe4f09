using System.Diagnostics;
using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Session;

/// <summary>
/// kill -9 of a machine's host process at random moments, from the moment the process is there: no stale lock, socket,
/// tap or lie is left. STRATOVIRT_TEST_KILLS says how often, STRATOVIRT_TEST_SEED when.
/// </summary>
public sealed class KilledHostTests : IDisposable
{
    private const string Tap = "strkill0";
    private const string AddedTap = "strkill1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly bool HasTaps = Environment.IsPrivilegedProcess && File.Exists("/dev/net/tun");

    private readonly ModuleSession _session = new();
    private readonly Dictionary<string, int> _seen = [];

    public KilledHostTests() => HostProgram.Require();

    /// <summary>When it is killed: after the process began, after the machine ran, while devices come, while it stops.</summary>
    public enum Moment
    {
        Starting,
        Running,
        Adding,
        Stopping,
    }

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("-Detached")]
    [InlineData("-Jail")]
    public void A_killed_host_leaves_nothing_behind(string home)
    {
        Assert.SkipUnless(home == "-Detached" || Environment.IsPrivilegedProcess, "only root can make a jail");
        int kills = HostProgram.Amount("STRATOVIRT_TEST_KILLS", 12);
        int seed = HostProgram.Amount("STRATOVIRT_TEST_SEED", Random.Shared.Next());
        var random = new Random(seed);
        Make();
        for (int round = 0; round < kills; round++)
        {
            var moment = (Moment)(round % 4);
            try
            {
                KillOnce(home, moment, random);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"round {round}, {moment}, {home}, seed {seed}: {failure.Message}", failure);
            }
        }

        // Its name is free, and it runs as if nothing had been.
        _session.Get($"Start-StratoVm web {home}; Wait-StratoVm web -ConsoleText 'hello> $' -TimeoutSeconds 60; Stop-StratoVm web");
        AssertGone("guest-shutdown");
        TestContext.Current.SendDiagnosticMessage(
            $"{kills} kills {home} (seed {seed}): {string.Join(", ", _seen.OrderBy(seen => seen.Key).Select(seen => $"{seen.Key} {seen.Value}"))}");
    }

    private string InSession(string name) => Path.Combine(_session.Directory, name);

    private void Make()
    {
        foreach (string image in (string[])["disk.img", "added.img"])
        {
            using FileStream file = File.Create(InSession(image));
            file.SetLength(1 << 20);
        }

        _session.Get($"""
            New-StratoVm web -BuiltIn -Memory 16MiB | Out-Null
            Add-StratoDevice web -Disk {InSession("disk.img")} -Name disk
            Add-StratoDevice web -Vsock
            Add-StratoDevice web -Port -Name line -Socket {InSession("line.sock")}
            {(HasTaps ? $"Add-StratoDevice web -Network -Tap {Tap} -Name card" : "")}
            """);
    }

    private void KillOnce(string home, Moment moment, Random random)
    {
        int most = moment switch { Moment.Starting => 60, Moment.Adding => 50, _ => 30 };
        var delay = TimeSpan.FromMilliseconds(random.NextDouble() * most);
        bool first = random.Next(2) == 0;
        int session = Environment.ProcessId;
        if (moment == Moment.Starting)
        {
            int[] before = ProcessFacts.ChildrenOf(session);
            var killer = new Thread(() =>
            {
                int process = 0;
                SpinWait.SpinUntil(() => (process = ProcessFacts.ChildrenOf(session).Except(before).FirstOrDefault()) != 0, Patience);
                Wait(delay);

                // A jailed host is two processes for a while, and either may be hit.
                int[] second = ProcessFacts.ChildrenOf(process);
                ProcessFacts.End(first || second.Length == 0 ? process : second[0]);
            });
            killer.Start();
            ScriptResult start = _session.Run($"Start-StratoVm web {home}");
            killer.Join();
            Note(start.Errors.Length == 0 ? "after it ran" : "before it ran");
            foreach (ErrorRecord error in start.Errors)
            {
                Assert.Equal("StratoVirt.HostFailed", error.FullyQualifiedErrorId.Split(',')[0]);
            }

            // The second process of a jail, when the first alone was hit; it may run the machine by now.
            if (start.Errors.Length == 0 && _session.Get("(Get-StratoVm web).ProcessId")[0]?.BaseObject is int left)
            {
                ProcessFacts.End(left);
                AwaitEnd(left);
            }

            AssertGone("host-error", "guest-shutdown", null);
            return;
        }

        _session.Get($"Start-StratoVm web {home}");
        int host = (int)_session.Get("(Get-StratoVm web).ProcessId")[0].BaseObject;
        if (moment == Moment.Stopping)
        {
            _session.Get("Wait-StratoVm web -ConsoleText 'hello> $' -TimeoutSeconds 60");
        }

        var after = new Thread(() =>
        {
            Wait(delay);
            ProcessFacts.End(host);
        });
        after.Start();
        ScriptResult? result = moment switch
        {
            Moment.Adding => _session.Run($"""
                Add-StratoDevice web -Entropy
                Add-StratoDevice web -Disk {InSession("added.img")} -Name more
                Add-StratoDevice web -Port -Name chat -Socket {InSession("chat.sock")}
                {(HasTaps ? $"Add-StratoDevice web -Network -Tap {AddedTap} -Name second" : "")}
                Add-StratoDevice web -Balloon
                """),
            Moment.Stopping => _session.Run("Stop-StratoVm web -TimeoutSeconds 30"),
            _ => null,
        };
        after.Join();
        AwaitEnd(host);
        if (moment == Moment.Stopping)
        {
            AssertGone("host-error", "guest-shutdown");
            Note($"stopping, ended by {_session.Get<string>("(Get-StratoVm web).Cause")}");
            return;
        }

        AssertGone("host-error");
        Assert.Contains($"Process {host}", _session.Get<string>("(Get-StratoVm web).Problem"), StringComparison.Ordinal);
        if (result is not null)
        {
            Note($"while {result.Errors.Length} of 5 devices were refused");
            _session.Get("Get-StratoDevice web | Where-Object Name -NotIn disk, vsock, line, card | Remove-StratoDevice -Confirm:$false");
        }
    }

    // What other sessions see, and what lies in directories.
    private void AssertGone(params string?[] causes)
    {
        PSObject vm = Assert.Single(_session.Get("Get-StratoVm web"));
        Assert.Equal("Stopped", vm.Properties["State"].Value.ToString());
        Assert.Null(vm.Properties["ProcessId"].Value);
        Assert.Null(vm.Properties["Home"].Value);
        Assert.Contains((string?)vm.Properties["Cause"].Value, causes);
        Assert.Empty(_session.Get("Get-StratoVm -State Running, Prelaunch, Paused"));

        // Of a jail something is left while its process is, which may be a moment longer; whoever looks takes it away.
        string[] left = [];
        Assert.True(SpinWait.SpinUntil(() => (left = [.. FindLeft()]).Length == 0, Patience), $"left: {string.Join(", ", left)}");
        Assert.Empty(Directory.GetFiles(_session.Directory, "*.sock"));
        Assert.All((string[])[Tap, AddedTap], tap => Assert.False(Directory.Exists($"/sys/class/net/{tap}"), $"{tap} is left"));
        Assert.True(SpinWait.SpinUntil(() => ProcessFacts.ChildrenOf(Environment.ProcessId).Length == 0, Patience), "a child process is left");
    }

    private IEnumerable<string> FindLeft()
    {
        _session.Get("(Get-StratoVm web).State");
        string runtime = InSession("run/web");
        IEnumerable<string> groups = ((string[])["/sys/fs/cgroup", "/sys/fs/cgroup/unified"])
            .Select(root => Path.Combine(root, "stratovirt")).Where(Directory.Exists)
            .SelectMany(parent => Directory.GetDirectories(parent, "web*"));
        IEnumerable<string> entries = Directory.Exists(runtime) ? Directory.GetFileSystemEntries(runtime) : [];
        return groups.Concat(entries.Where(entry => Path.GetFileName(entry) is not ("console.log" or "host.log" or "end" or "violation")));
    }

    private void Note(string what) => _seen[what] = _seen.GetValueOrDefault(what) + 1;

    private static void Wait(TimeSpan delay)
    {
        var clock = Stopwatch.StartNew();
        SpinWait.SpinUntil(() => clock.Elapsed >= delay);
    }

    private static void AwaitEnd(int process) => Assert.True(
        SpinWait.SpinUntil(() => !ProcessFacts.IsAlive(process), Patience), $"process {process} did not end");
}
