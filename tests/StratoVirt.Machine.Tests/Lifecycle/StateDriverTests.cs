using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine.Tests.Lifecycle;

public sealed class StateDriverTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly VcpuFault Fault = new(0, "triple fault", 8, [], [], "hint");
    private static readonly VcpuFault LostPage = Fault with { IsLostPage = true };

    private readonly ScriptedMachine _machine = new();
    private readonly List<RunState> _seen = [];
    private readonly StateDriver _driver;

    public StateDriverTests() => _driver = new StateDriver("test", _machine, status => _seen.Add(status.State));

    public void Dispose() => _driver.Dispose();

    [Fact]
    public void Verbs_walk_the_diagram()
    {
        Assert.Equal(RunState.Prelaunch, _driver.Status.State);
        _driver.Execute(MachineVerb.Start);
        _driver.Execute(MachineVerb.Pause);
        _driver.Execute(MachineVerb.Resume);
        _driver.Execute(MachineVerb.Reset);
        _driver.Execute(MachineVerb.PowerOff);

        Assert.Equal(
            [
                "release", "hold", "pause devices", "resume devices", "release",
                "hold", "reset", "resume devices", "release", "teardown",
            ],
            _machine.Calls);
        Assert.Equal([RunState.Running, RunState.Paused, RunState.Running, RunState.Running, RunState.Shutdown], _seen);
        Assert.Equal(ShutdownCause.HostRequest, _driver.Status.Cause);
        Assert.Equal(1, _driver.Status.Resets);
    }

    [Theory]
    [InlineData("Pause")]
    [InlineData("Resume")]
    [InlineData("Reset")]
    public void A_verb_that_does_not_fit_prelaunch_is_refused_and_changes_nothing(string verb)
    {
        var refused = Assert.Throws<MachineException>(() => _driver.Execute(Enum.Parse<MachineVerb>(verb)));
        Assert.Equal(MachineErrorId.InvalidState, refused.Id);
        Assert.Contains("prelaunch", refused.Message, StringComparison.Ordinal);
        Assert.Equal(RunState.Prelaunch, _driver.Status.State);
        Assert.Empty(_machine.Calls);
    }

    [Fact]
    public void Starting_twice_is_refused()
    {
        _driver.Execute(MachineVerb.Start);
        Assert.Equal(MachineErrorId.InvalidState, Assert.Throws<MachineException>(() => _driver.Execute(MachineVerb.Start)).Id);
        Assert.Equal(RunState.Running, _driver.Status.State);
    }

    [Fact]
    public void Pausing_and_resuming_are_idempotent()
    {
        _driver.Execute(MachineVerb.Start);
        _driver.Execute(MachineVerb.Resume);
        _driver.Execute(MachineVerb.Pause);
        _driver.Execute(MachineVerb.Pause);
        Assert.Equal(["release", "hold", "pause devices"], _machine.Calls);
    }

    [Fact]
    public void A_change_runs_between_transitions_and_what_it_throws_ends_nothing()
    {
        bool done = false;
        _driver.Change(() => done = true);
        Assert.True(done);
        _driver.Execute(MachineVerb.Start);
        Assert.Throws<InvalidDataException>(() => _driver.Change(() => throw new InvalidDataException()));
        Assert.Equal(RunState.Running, _driver.Status.State);
        _driver.Execute(MachineVerb.PowerOff);
        Assert.Equal(
            MachineErrorId.InvalidState, Assert.Throws<MachineException>(() => _driver.Change(() => done = false)).Id);
        Assert.True(done);
    }

    [Fact]
    public void What_the_guest_ejects_is_taken_away()
    {
        _driver.Execute(MachineVerb.Start);
        _driver.Report(GuestEvents.Ejected);
        _driver.Execute(MachineVerb.Pause);
        Assert.Equal(["release", "remove ejected", "hold", "pause devices"], _machine.Calls);
    }

    [Fact]
    public void A_vcpu_that_meets_a_page_that_was_cut_away_goes_on_when_it_is_mended()
    {
        _driver.Execute(MachineVerb.Start);
        _machine.NextFault = LostPage;
        _machine.LosesMemory = true;
        _driver.Report(GuestEvents.Fault);
        _driver.Execute(MachineVerb.Pause);
        Assert.Equal(["release", "hold", "mend memory", "release", "hold", "pause devices"], _machine.Calls);
        Assert.DoesNotContain(RunState.InternalError, _seen);
    }

    [Fact]
    public void A_mending_excuses_the_vcpus_that_were_there_before_it_and_none_after()
    {
        _driver.Execute(MachineVerb.Start);
        _machine.LosesMemory = true;
        _driver.Report(GuestEvents.MemoryFileChanged);
        _driver.Execute(MachineVerb.Resume);
        _machine.LosesMemory = false;
        _machine.NextFault = LostPage;
        _driver.Report(GuestEvents.Fault);
        _driver.Execute(MachineVerb.Resume);
        Assert.Equal(RunState.Running, _driver.Status.State);
        _machine.NextFault = LostPage;
        _driver.Report(GuestEvents.Fault);
        Assert.NotNull(_driver.WaitFor(status => status.State == RunState.InternalError, Soon, TestContext.Current.CancellationToken));
        Assert.Equal(LostPage, _driver.Status.Fault);
    }

    [Fact]
    public void Powering_off_twice_is_no_error()
    {
        _driver.Execute(MachineVerb.PowerOff);
        _driver.Execute(MachineVerb.PowerOff);
        Assert.Equal(["teardown"], _machine.Calls);
    }

    [Fact]
    public void A_guest_shutdown_ends_the_machine_with_its_cause()
    {
        _driver.Execute(MachineVerb.Start);
        _driver.Report(GuestEvents.Shutdown);
        MachineStatus? ended = _driver.WaitFor(status => status.State == RunState.Shutdown, Soon, TestContext.Current.CancellationToken);
        Assert.Equal(ShutdownCause.GuestShutdown, ended?.Cause);
        Assert.Equal(MachineErrorId.InvalidState, Assert.Throws<MachineException>(() => _driver.Execute(MachineVerb.Resume)).Id);
    }

    [Fact]
    public void A_guest_reset_boots_again()
    {
        _driver.Execute(MachineVerb.Start);
        _driver.Report(GuestEvents.Reset);
        Assert.NotNull(_driver.WaitFor(status => status.Resets == 1, Soon, TestContext.Current.CancellationToken));
        Assert.Equal(RunState.Running, _driver.Status.State);
    }

    [Fact]
    public void Shutdown_wins_over_a_reset_reported_with_it()
    {
        _driver.Execute(MachineVerb.Start);
        _driver.Report(GuestEvents.Reset | GuestEvents.Shutdown);
        Assert.NotNull(_driver.WaitFor(status => status.State == RunState.Shutdown, Soon, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("reset", _machine.Calls);
    }

    [Fact]
    public void A_fault_holds_the_vcpus_and_can_be_read_and_reset_away()
    {
        _driver.Execute(MachineVerb.Start);
        _machine.NextFault = Fault;
        _driver.Report(GuestEvents.Fault);
        MachineStatus? failed = _driver.WaitFor(status => status.State == RunState.InternalError, Soon, TestContext.Current.CancellationToken);
        Assert.Equal("triple fault", failed?.Fault?.Reason);

        Assert.Equal(MachineErrorId.InvalidState, Assert.Throws<MachineException>(() => _driver.Execute(MachineVerb.Resume)).Id);
        _driver.Execute(MachineVerb.Reset);
        Assert.Equal(RunState.Running, _driver.Status.State);
        Assert.Null(_driver.Status.Fault);
    }

    [Fact]
    public void A_reset_that_fails_ends_the_machine_and_says_why()
    {
        _machine.ResetFailure = new MachineException(MachineErrorId.KernelCorrupt, "gone", "act");
        _driver.Execute(MachineVerb.Start);
        Assert.Same(_machine.ResetFailure, Assert.Throws<MachineException>(() => _driver.Execute(MachineVerb.Reset)));
        Assert.Equal(ShutdownCause.HostError, _driver.Status.Cause);
        Assert.Same(_machine.ResetFailure, _driver.Status.Error);
        Assert.Equal("teardown", _machine.Calls[^1]);
    }

    [Fact]
    public void Waiting_times_out_with_null_and_is_cancelled_with_an_exception()
    {
        Assert.Null(_driver.WaitFor(_ => false, TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken));
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => _driver.WaitFor(_ => false, Soon, cancel.Token));
    }

    [Fact]
    public void Many_threads_asking_at_once_end_in_one_shutdown()
    {
        _driver.Execute(MachineVerb.Start);
        Parallel.For(0, 64, i =>
        {
            try
            {
                _driver.Execute((i % 4) switch { 0 => MachineVerb.Pause, 1 => MachineVerb.Resume, 2 => MachineVerb.Reset, _ => MachineVerb.PowerOff });
            }
            catch (MachineException refused)
            {
                Assert.Equal(MachineErrorId.InvalidState, refused.Id);
            }
        });
        Assert.Equal(RunState.Shutdown, _driver.Status.State);
        Assert.Single(_machine.Calls, call => call == "teardown");
    }

    [Fact]
    public void What_is_posted_is_told_of_and_waited_for_by_nobody()
    {
        var told = new System.Collections.Concurrent.BlockingCollection<(string, Exception?)>();
        void Post(MachineVerb verb, Action? change = null) =>
            _driver.Post(new DriverRequest(verb, change, failure => told.Add((verb.ToString(), failure))));
        Post(MachineVerb.Pause);
        Post(MachineVerb.Start);
        Post(MachineVerb.Change, () => throw new InvalidDataException());
        Post(MachineVerb.PowerOff);
        (string Verb, Exception? Failure)[] ends = [.. Enumerable.Range(0, 4).Select(_ => told.TryTake(out var end, Soon) ? end : default)];
        Assert.Equal(["Pause", "Start", "Change", "PowerOff"], ends.Select(end => end.Verb));
        Assert.Equal(MachineErrorId.InvalidState, Assert.IsType<MachineException>(ends[0].Failure).Id);
        Assert.Null(ends[1].Failure);
        Assert.IsType<InvalidDataException>(ends[2].Failure);
        Assert.Null(ends[3].Failure);

        // After the end the answer comes at once.
        Assert.NotNull(_driver.WaitFor(status => status.State == RunState.Shutdown, Soon, TestContext.Current.CancellationToken));
        Post(MachineVerb.PowerOff);
        Post(MachineVerb.Pause);
        Assert.Null(told.Take(TestContext.Current.CancellationToken).Item2);
        Assert.IsType<MachineException>(told.Take(TestContext.Current.CancellationToken).Item2);
    }

    [Fact]
    public void A_balloon_that_changed_is_reported_and_who_reset_is_known()
    {
        _driver.Execute(MachineVerb.Start);
        _driver.Report(GuestEvents.Ballooned);
        _driver.Execute(MachineVerb.Reset);
        Assert.Contains("report balloon", _machine.Calls);
        Assert.Equal(ResetCause.HostRequest, _driver.Status.LastReset);
        _driver.Report(GuestEvents.Reset);
        Assert.Equal(ResetCause.Guest, _driver.WaitFor(status => status.Resets == 2, Soon, TestContext.Current.CancellationToken)!.LastReset);
    }

    [Fact]
    public void Reporting_allocates_nothing()
    {
        _driver.Execute(MachineVerb.Start);
        _driver.Report(GuestEvents.None);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _driver.Report(GuestEvents.None);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
