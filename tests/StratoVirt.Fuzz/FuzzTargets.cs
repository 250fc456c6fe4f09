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
        .. DeviceTargets.All,
        new("definition", DefinitionSeeds, input => DefinitionTarget.Run(input)),
        .. PeerTargets.All,
        .. ImageTargets.All,
        new("owner", () => [OwnerTarget.Seed(), OwnerTarget.EndSeed()], OwnerTarget.Run),
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
        """
        apiVersion: stratovirt/v1
        kind: VirtualMachine
        metadata: { name: full }
        spec:
          boot: { kernel: builtin:hello }
          disks:
            - { name: root, path: /a.img, serial: x1, cache: direct, rateLimit: { bandwidth: 1MiB, operations: 100 } }
          networks:
            - { name: net0, tap: tap0, mac: "52:54:00:12:34:56", mtu: 1500, queues: 2, rateGroup: all }
          ports:
            - { name: agent, socket: /run/a.sock }
          shares:
            - { name: work, path: /srv }
          vsock: { socket: /run/v.sock, cid: 3 }
          balloon: { size: 64MiB, statisticsInterval: 1 }
          memoryDevices:
            - { name: mem0, maximum: 1GiB, size: 256MiB }
          rateGroups:
            - { name: all, limit: { bandwidth: 10MiB } }
        """u8.ToArray(),
        """
        { "apiVersion": "stratovirt/v1", "kind": "VirtualMachine", "metadata": { "name": "web", "labels": { "a": "b" } },
          "spec": { "cpus": 2, "memory": "512MiB", "boot": { "kernel": "/boot/vmlinuz" } } }
        """u8.ToArray(),
    ];
}
