namespace StratoVirt.Definitions;

/// <summary>What a machine is made of.</summary>
public sealed record VmSpec
{
    /// <summary>Fewest vCPUs.</summary>
    public const int MinCpus = 1;

    /// <summary>Most vCPUs: xAPIC ids are 8 bits, 255 is broadcast and the I/O APIC takes one.</summary>
    public const int MaxCpus = 254;

    /// <summary>Least memory.</summary>
    public static readonly ByteSize MinMemory = ByteSize.FromMebibytes(16);

    /// <summary>Memory is a multiple of this: 2 MiB, so that huge pages and memory slots always fit.</summary>
    public static readonly ByteSize MemoryGranule = ByteSize.FromMebibytes(2);

    /// <summary>The machine model.</summary>
    public MachineModel Machine { get; init; } = MachineModel.MicroVm;

    /// <summary>Number of vCPUs, 1 to 254.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Guest RAM, 16 MiB to 1 TiB, a multiple of 2 MiB.</summary>
    public ByteSize Memory { get; init; } = ByteSize.FromMebibytes(256);

    /// <summary>Describe the machine in ACPI tables; off means an MP table and nothing else.</summary>
    public bool Acpi { get; init; } = true;

    /// <summary>What runs first.</summary>
    public required BootSpec Boot { get; init; }

    /// <summary>The serial console.</summary>
    public ConsoleSpec Console { get; init; } = new();
}
