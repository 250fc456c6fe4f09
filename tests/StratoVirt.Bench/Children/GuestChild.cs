using StratoVirt.Definitions;
using StratoVirt.Machine;

namespace StratoVirt.Bench.Children;

/// <summary>Our half of a guest's run: what its serial console prints comes out of standard output until it powers off.</summary>
internal static class GuestChild
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static void Run(string kernel, string commandLine, BenchDevice device)
    {
        VmDefinition definition = new BootInputs(kernel, "", commandLine, MemoryMib, "").ToDefinition("bench");
        definition = definition with { Spec = device.AddTo(definition.Spec) };
        using VirtualMachine machine = VirtualMachine.Create(definition, new MachineEnvironment());
        using Stream output = Console.OpenStandardOutput();
        machine.Start();
        var bytes = new byte[4096];
        long position = 0;
        while (true)
        {
            int read = machine.Console.Read(ref position, bytes);
            if (read > 0)
            {
                output.Write(bytes, 0, read);
                output.Flush();
            }
            else if (!machine.Console.WaitForOutput(position, Look, CancellationToken.None) && machine.Console.IsComplete)
            {
                break;
            }
        }

        if (machine.Status is { Fault: { } fault })
        {
            throw new BenchException($"The machine ended as {machine.Status.State}: {fault.Reason}");
        }
    }

    /// <summary>Guest RAM in MiB.</summary>
    public const int MemoryMib = 256;
}
