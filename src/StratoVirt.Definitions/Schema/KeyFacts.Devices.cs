using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Schema;

/// <content>The facts of devices.</content>
internal sealed partial record KeyFacts
{
    private static IEnumerable<KeyValuePair<string, KeyFacts>> Devices() =>
    [
        .. Named("spec.disks[]", "Disks, in the order the guest finds them: vda, vdb, ...", new()
        {
            ["path"] = new("Path of a raw image file or a block device. A relative path starts at this file's directory.", MinLength: 1),
            ["readOnly"] = new("The guest may not write."),
            ["serial"] = new("What the guest finds in /dev/disk/by-id; the name when left out.", MaxLength: DefinitionLimits.MaxSerial),
            ["blockSize"] = new("Logical block size in bytes: 512 or 4096.", Minimum: 512, Maximum: 4096),
            ["queues"] = new("Request queues; one for each vCPU, 8 at most, when left out.", Minimum: 1, Maximum: DefinitionLimits.MaxDiskQueues),
            ["cache"] = new("buffered: through the host's page cache. direct: past it."),
            ["engine"] = new("How I/O is carried out; io_uring where the host allows it when left out."),
            ["discard"] = new("Whether the guest may give blocks back."),
            ["rateGroup"] = new("Name of one of spec.rateGroups, whose limits this disk shares."),
        }),
        .. Limit("spec.disks[].rateLimit", "Limits of this disk."),
        .. Named("spec.networks[]", "Network cards. Each has one of tap, tapDescriptor and user.", new()
        {
            ["tap"] = new("Name of a tap interface: joined when it exists, else created.", Pattern: DefinitionLimits.InterfacePattern),
            ["tapDescriptor"] = new("Number of an open tap descriptor this process has inherited.", Minimum: 0),
            ["user"] = new("A network with no setup and no privilege, through passt."),
            ["forward"] = new("Host ports forwarded to the guest with user, as passt takes them: 2222:22."),
            ["mac"] = new("MAC address; a stable one is derived from the names when left out.", Pattern: DefinitionLimits.MacPattern),
            ["mtu"] = new("MTU told to the guest.", Minimum: DefinitionLimits.MinMtu, Maximum: ushort.MaxValue),
            ["queues"] = new("Queue pairs.", Minimum: 1, Maximum: DefinitionLimits.MaxNetworkQueues),
            ["vhost"] = new("Have the host's kernel move the frames (vhost_net): a tap without limits."),
            ["linkUp"] = new("Whether the cable is plugged in."),
            ["rateGroup"] = new("Name of one of spec.rateGroups, whose limits this card shares, both ways together."),
        }),
        .. Limit("spec.networks[].receiveLimit", "Limits of what the guest receives."),
        .. Limit("spec.networks[].sendLimit", "Limits of what the guest sends."),
        .. Named("spec.ports[]", "Ports of the virtio console. Each has at most one of socket, file and pipe.", new()
        {
            ["console"] = new("A console (/dev/hvc0) rather than a named port (/dev/virtio-ports/NAME)."),
            ["socket"] = new("Path of a Unix socket to listen on."),
            ["file"] = new("Path of a file that output is appended to."),
            ["pipe"] = new("Path of a named pipe."),
        }),
        .. Named("spec.shares[]", "Directories of the host: mount -t virtiofs NAME /mnt.", new()
        {
            ["path"] = new("Path of the directory. A relative path starts at this file's directory.", MinLength: 1),
            ["readOnly"] = new("The guest may not write."),
        }),
        .. Named("spec.persistentMemory[]", "Files seen as memory that keeps its content: /dev/pmem0.", new()
        {
            ["path"] = new("Path of the file, a multiple of 2 MiB long.", MinLength: 1),
            ["readOnly"] = new("What the guest writes is forgotten."),
        }),
        .. Named("spec.memoryDevices[]", "Memory that grows and shrinks while the guest runs.", new()
        {
            ["maximum"] = new("The most it can have, a multiple of the block size."),
            ["size"] = new("What the guest is asked to plug in, a multiple of the block size."),
            ["blockSize"] = new("The unit it grows and shrinks by: a power of two, 2MiB at least."),
        }),
        .. Named("spec.entropy", "A source of random numbers.", new()
        {
            ["source"] = new("Path of a device to read; the host kernel's generator when left out."),
        }),
        .. Limit("spec.entropy.rateLimit", "Limits."),
        .. Named("spec.balloon", "A balloon that takes memory from the guest for the host.", new()
        {
            ["size"] = new("Memory taken from the guest at start."),
            ["deflateOnOom"] = new("A guest short of memory takes it back."),
            ["freePageReporting"] = new("The host has pages back as the guest frees them."),
            ["statisticsInterval"] = new("Seconds between the guest's statistics; 0 for none.", Minimum: 0),
        }),
        .. Named("spec.vsock", "Sockets between guest and host, carried by Unix sockets.", new()
        {
            ["cid"] = new("The guest's context id.", Minimum: DefinitionLimits.MinCid),
            ["socket"] = new("Path of the Unix socket; in the machine's runtime directory when left out."),
        }),
        .. Named("spec.rateGroups[]", "Limits that several devices share.", []),
        .. Limit("spec.rateGroups[].limit", "What all of them together may do."),
    ];

    private static IEnumerable<KeyValuePair<string, KeyFacts>> Named(string path, string description, Dictionary<string, KeyFacts> keys)
    {
        yield return new(path.TrimEnd('[', ']'), new KeyFacts(description));
        yield return new(path + ".name", new KeyFacts("Unique within the machine.", Pattern: DefinitionLimits.DeviceNamePattern));
        foreach ((string key, KeyFacts facts) in keys)
        {
            yield return new($"{path}.{key}", facts);
        }
    }

    private static IEnumerable<KeyValuePair<string, KeyFacts>> Limit(string path, string description) =>
    [
        new(path, new KeyFacts(description)),
        new(path + ".bandwidth", new KeyFacts("Bytes a second: 100MiB.")),
        new(path + ".bandwidthBurst", new KeyFacts("Bytes that may go at once on top, one time.")),
        new(path + ".operations", new KeyFacts("Operations a second.", Minimum: 1)),
        new(path + ".operationsBurst", new KeyFacts("Operations that may go at once on top, one time.", Minimum: 0)),
    ];
}
