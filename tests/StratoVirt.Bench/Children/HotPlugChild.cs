using StratoVirt.Control;
using StratoVirt.Machine;

namespace StratoVirt.Bench.Children;

/// <summary>
/// Our half of the hot-plug rows: a machine that serves QMP as every machine of ours does, and whose serial console comes
/// out of standard output. Ends with its input.
/// </summary>
internal static class HotPlugChild
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static void Run(string socket, BootInputs inputs)
    {
        var environment = new MachineEnvironment { KernelCache = inputs.KernelCache.Length == 0 ? null : inputs.KernelCache };
        using VirtualMachine machine = VirtualMachine.Create(inputs.ToDefinition("bench"), environment);
        using ControlServer server = ControlServer.Start(machine, socket);
        machine.Start();
        new Thread(() => Print(machine.Console)) { IsBackground = true }.Start();
        Console.In.ReadLine();
    }

    private static void Print(VmConsole console)
    {
        using Stream output = Console.OpenStandardOutput();
        var bytes = new byte[4096];
        long position = 0;
        while (!console.IsComplete)
        {
            int read = console.Read(ref position, bytes);
            if (read > 0)
            {
                output.Write(bytes, 0, read);
                output.Flush();
            }
            else
            {
                console.WaitForOutput(position, Look, CancellationToken.None);
            }
        }
    }
}
