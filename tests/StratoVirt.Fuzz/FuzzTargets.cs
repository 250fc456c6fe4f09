using StratoVirt.Fuzz.Boot;
using StratoVirt.Fuzz.Virtio;

namespace StratoVirt.Fuzz;

/// <summary>All targets.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        KernelTargets.Elf,
        KernelTargets.BzImage,
        QmpTarget.Target,
        VirtqueueTarget.Target,
        VirtioMmioTarget.Target,
        new("definition", DefinitionSeeds, input => DefinitionTarget.Run(input)),
    ];

    private static IEnumerable<byte[]> DefinitionSeeds() =>
    [
        """
        apiVersion: stratovirt/v1
        kind: VirtualMachine
        metadata:
          name: web
          labels: { tier: "front" }
        spec:
          cpus: 2
          memory: 512MiB
          boot:
            kernel: /boot/vmlinuz
            commandLine: console=ttyS0
        """u8.ToArray(),
    ];
}
