using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine.Tests.Native;

public sealed class BuiltInGuestTests
{
    private const string Prompt = "hello> ";

    [KvmFact]
    public void It_greets_with_what_it_found_answers_and_powers_off()
    {
        using var guest = new GuestSession(cpus: 3);
        string greeting = guest.Expect(Prompt);
        Assert.Contains("32 MiB", greeting, StringComparison.Ordinal);
        Assert.Contains("3", greeting, StringComparison.Ordinal);
        guest.Type("does it echo");
        guest.Expect("does it echo");
        guest.Expect(Prompt);
        guest.Type("poweroff");
        Assert.Equal(ShutdownCause.GuestShutdown, guest.WaitFor(RunState.Shutdown).Cause);
    }

    [KvmFact]
    public void It_answers_the_power_button()
    {
        using var guest = new GuestSession();
        guest.Expect(Prompt);
        guest.Machine.RequestPowerDown();
        Assert.Equal(ShutdownCause.GuestShutdown, guest.WaitFor(RunState.Shutdown).Cause);
    }

    [KvmFact]
    public void It_boots_with_an_mp_table_alone()
    {
        using var guest = new GuestSession(cpus: 2, acpi: false);
        guest.Expect(Prompt);
        var refused = Assert.Throws<MachineException>(guest.Machine.RequestPowerDown);
        Assert.Equal(MachineErrorId.InvalidState, refused.Id);
    }

    [KvmFact]
    public void A_reboot_from_inside_boots_again()
    {
        using var guest = new GuestSession();
        guest.Expect(Prompt);
        guest.Type("reboot");
        guest.Expect("rebooting");
        guest.Expect(Prompt);
        Assert.Equal(1, guest.Machine.Status.Resets);
    }

    [KvmFact]
    public void A_reset_from_outside_boots_again_even_while_it_hangs()
    {
        using var guest = new GuestSession();
        guest.Expect(Prompt);
        guest.Type("spin");
        guest.Expect("spin");
        guest.Machine.Reset();
        guest.Expect(Prompt);
        Assert.Equal(RunState.Running, guest.Machine.Status.State);
    }

    [KvmFact]
    public void A_hung_guest_can_be_turned_off()
    {
        using var guest = new GuestSession();
        guest.Expect(Prompt);
        guest.Type("spin");
        guest.Expect("spin");
        guest.Machine.PowerOff();
        Assert.Equal(ShutdownCause.HostRequest, guest.Machine.Status.Cause);
    }

    [KvmFact]
    public void A_triple_fault_becomes_a_state_that_can_be_read()
    {
        using var guest = new GuestSession();
        guest.Expect(Prompt);
        guest.Type("fault");
        MachineStatus failed = guest.WaitFor(RunState.InternalError);
        Assert.NotNull(failed.Fault);
        Assert.NotEmpty(failed.Fault.Hint);
        Assert.Contains(failed.Fault.Registers, register => register.Key == "rip");
        guest.Machine.Reset();
        guest.Expect(Prompt);
    }

    [KvmFact]
    public void A_paused_guest_does_not_answer_until_it_is_resumed()
    {
        using var guest = new GuestSession();
        guest.Expect(Prompt);
        guest.Machine.Pause();
        long before = guest.Machine.Console.Written;
        guest.Type("held");
        Assert.False(guest.Machine.Console.WaitForOutput(before, TimeSpan.FromMilliseconds(200), CancellationToken.None));
        guest.Machine.Resume();
        guest.Expect("held");
    }

    [KvmFact]
    public void Pausing_and_resuming_a_thousand_times_loses_nothing()
    {
        using var guest = new GuestSession(cpus: 2);
        guest.Expect(Prompt);
        for (int i = 0; i < 1000; i++)
        {
            guest.Machine.Pause();
            guest.Machine.Resume();
        }

        guest.Type("still here");
        guest.Expect("still here");
    }

    [KvmFact]
    public void Thirty_two_run_at_once_in_one_process()
    {
        GuestSession[] guests = [.. Enumerable.Range(0, 32).Select(i => new GuestSession($"many{i}"))];
        try
        {
            Assert.All(guests, guest => guest.Expect(Prompt));
            foreach (GuestSession guest in guests)
            {
                guest.Type("poweroff");
            }

            Assert.All(guests, guest => Assert.Equal(ShutdownCause.GuestShutdown, guest.WaitFor(RunState.Shutdown).Cause));
        }
        finally
        {
            Array.ForEach(guests, guest => guest.Dispose());
        }
    }
}
