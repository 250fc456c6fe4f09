using StratoVirt.Bench;
using StratoVirt.Bench.Children;
using StratoVirt.Bench.Measuring;
using StratoVirt.Bench.Suites;
using StratoVirt.Machine;
using StratoVirt.Machine.Host;

// The suites print one "result: {json}" line a row, so that they can run where nothing can be written back (the lab);
// "record" turns those lines into the files. "boot", "hold", "guest" and "hot-plug" are what the suites spawn.
const string Rows = "--rows=";
try
{
    switch (args)
    {
        case ["boot", .. string[] rest]:
            BootChild.Run(BootInputs.Parse(rest));
            return 0;
        case ["hold", var kernel, var count]:
            HoldChild.Run(kernel, int.Parse(count));
            return 0;
        case ["hot-plug", var socket, .. string[] rest]:
            HotPlugChild.Run(socket, BootInputs.Parse(rest));
            return 0;
        case ["guest", var kernel, var commandLine, var device]:
            GuestChild.Run(kernel, commandLine, BenchDevice.Parse(device));
            return 0;
        case ["virtio", var guest, var directory, var samples, var rows] when rows.StartsWith(Rows, StringComparison.Ordinal):
            VirtioSuite.Run(guest, directory, int.Parse(samples), rows[Rows.Length..]);
            return 0;
        case ["vmm", var firstMark, var hello, var samples, .. string[] host] when host.Length <= 1:
            VmmSuite.Run(firstMark, hello, int.Parse(samples), host.FirstOrDefault());
            return 0;
        case ["prepare-linux", var directory]:
            LinuxInputs.Prepare(directory);
            return 0;
        case ["linux", var directory, var samples]:
            LinuxSuite.Run(LinuxInputs.In(directory), int.Parse(samples));
            return 0;
        case ["linux-entry", var directory, var samples]:
            LinuxSuite.RunToEntry(LinuxInputs.In(directory), int.Parse(samples));
            return 0;
        case ["hot-add-host", var hello, var samples]:
            HotAddSuite.RunHost(hello, int.Parse(samples));
            return 0;
        case ["hot-add", var directory, var samples]:
            HotAddSuite.RunLinux(LinuxInputs.In(directory), int.Parse(samples));
            return 0;
        case ["runs-linux"]:
            return HostProbe.Inspect(new MachineEnvironment()).RunsUnmodifiedKernels ? 0 : 1;
        case ["record", var lines, var results, .. string[] table] when table.Length <= 1:
            Record.Write(lines, results, table.FirstOrDefault());
            return 0;
        default:
            Console.Error.WriteLine(
                """
                Usage: strato-bench vmm FIRSTMARK.ELF HELLO.ELF SAMPLES [HOST-PROGRAM]
                       strato-bench virtio VIRTIO-BENCH.ELF DIRECTORY SAMPLES --rows=WILDCARD
                       strato-bench prepare-linux DIRECTORY
                       strato-bench linux DIRECTORY SAMPLES
                       strato-bench linux-entry DIRECTORY SAMPLES
                       strato-bench hot-add-host HELLO.ELF SAMPLES
                       strato-bench hot-add DIRECTORY SAMPLES
                       strato-bench runs-linux
                       strato-bench record LINES RESULTS.JSON [TABLE.MD]
                """);
            return 2;
    }
}
catch (MachineException failure)
{
    Console.Error.WriteLine($"strato-bench: {failure.Message} {failure.RecommendedAction}");
    return 1;
}
catch (BenchException failure)
{
    Console.Error.WriteLine($"strato-bench: {failure.Message}");
    return 1;
}
