using StratoVirt.Definitions;

namespace StratoVirt.Bench.Children;

/// <summary>What both VMMs are given to boot.</summary>
/// <param name="Kernel">Path of the kernel.</param>
/// <param name="Initrd">Path of the initrd, or empty.</param>
/// <param name="CommandLine">Kernel command line, or empty.</param>
/// <param name="MemoryMib">Guest RAM in MiB.</param>
/// <param name="KernelCache">Where ours keeps unpacked kernels, or empty.</param>
internal sealed record BootInputs(string Kernel, string Initrd, string CommandLine, int MemoryMib, string KernelCache)
{
    /// <summary>From the arguments <see cref="ToArguments"/> makes.</summary>
    public static BootInputs Parse(string[] arguments) => arguments is [var kernel, var initrd, var commandLine, var memory, var cache]
        ? new BootInputs(kernel, initrd, commandLine, int.Parse(memory), cache)
        : throw new BenchException($"boot takes 5 arguments, not {arguments.Length}.");

    /// <summary>As arguments of a process.</summary>
    public string[] ToArguments() => [Kernel, Initrd, CommandLine, $"{MemoryMib}", KernelCache];

    /// <summary>As a definition.</summary>
    /// <param name="name">The machine's name.</param>
    public VmDefinition ToDefinition(string name) => new()
    {
        Metadata = new VmMetadata { Name = name },
        Spec = new VmSpec
        {
            Memory = ByteSize.FromMebibytes((ulong)MemoryMib),
            Boot = new BootSpec
            {
                Kernel = Kernel,
                Initrd = Initrd.Length == 0 ? null : Initrd,
                CommandLine = CommandLine.Length == 0 ? null : CommandLine,
            },
            Console = new ConsoleSpec { Log = false },
        },
    };
}
