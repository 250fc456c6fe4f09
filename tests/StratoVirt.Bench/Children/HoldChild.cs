using System.Globalization;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Bench.Children;

/// <summary>
/// Holds machines in one process for others to look at: one, then, on a line of input, so many more; says
/// <c>ready</c> when they have booted and sit idle. Ends with its input.
/// </summary>
internal static class HoldChild
{
    /// <summary>Guest RAM of each machine in MiB.</summary>
    public const int MemoryMib = 256;

    /// <summary>The mark the guest writes when it has booted.</summary>
    public const byte ReadyMark = 0x02;

    private static readonly TimeSpan BootTime = TimeSpan.FromSeconds(60);

    public static void Run(string kernel, int more)
    {
        var machines = new List<VirtualMachine>();
        try
        {
            Add(machines, kernel, 1);
            Console.Out.WriteLine("ready");
            if (Console.In.ReadLine() is null)
            {
                return;
            }

            Add(machines, kernel, more);
            Console.Out.WriteLine("ready");
            Console.In.ReadLine();
        }
        finally
        {
            foreach (VirtualMachine machine in machines)
            {
                machine.Dispose();
            }
        }
    }

    private static void Add(List<VirtualMachine> machines, string kernel, int count)
    {
        int first = machines.Count;
        for (int i = 0; i < count; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"bench-{machines.Count}");
            VirtualMachine machine = VirtualMachine.Create(
                new BootInputs(kernel, "", "", MemoryMib, "").ToDefinition(name), new MachineEnvironment());
            machines.Add(machine);
            machine.Start();
        }

        DateTime end = DateTime.UtcNow + BootTime;
        foreach (VirtualMachine machine in machines.Skip(first))
        {
            while (!machine.BootMarks.Any(mark => mark.Code == ReadyMark))
            {
                if (DateTime.UtcNow > end || machine.Status.State != RunState.Running)
                {
                    throw new BenchException($"{machine.Name} did not boot: {machine.Status.State} {machine.Status.Fault?.Reason}");
                }

                Thread.Sleep(1);
            }
        }
    }
}
