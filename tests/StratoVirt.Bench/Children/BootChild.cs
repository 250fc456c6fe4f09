using System.Diagnostics;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Bench.Children;

/// <summary>
/// Our half of a boot race: builds a machine, lets it run and writes the first boot mark to standard output, as QEMU's
/// debug console does with its own.
/// </summary>
internal static class BootChild
{
    // A yield answers a mark in microseconds; a boot that takes longer than this is not measured in microseconds, and
    // a spinning thread would take a processor from the guest.
    private static readonly TimeSpan SpinFor = TimeSpan.FromMilliseconds(200);

    public static void Run(BootInputs inputs)
    {
        var environment = new MachineEnvironment { KernelCache = inputs.KernelCache.Length == 0 ? null : inputs.KernelCache };
        using VirtualMachine machine = VirtualMachine.Create(inputs.ToDefinition("bench"), environment);
        using Stream output = Console.OpenStandardOutput();
        machine.Start();
        output.WriteByte(WaitForMark(machine));
        output.Flush();
    }

    private static byte WaitForMark(VirtualMachine machine)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (machine.BootMarks is [BootMark mark, ..])
            {
                return mark.Code;
            }

            if (machine.Status is { State: not RunState.Running } ended)
            {
                // The mark may have come between the two looks.
                return machine.BootMarks is [BootMark last, ..]
                    ? last.Code
                    : throw new BenchException($"The machine ended as {ended.State} without a mark. {ended.Fault?.Reason}");
            }

            Thread.Sleep(Stopwatch.GetElapsedTime(started) < SpinFor ? 0 : 1);
        }
    }
}
