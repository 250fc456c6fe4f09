using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;

namespace StratoVirt.Bench.Children;

/// <summary>A virtio device in the words of each VMM and, for our child, as one argument of a process.</summary>
internal abstract record BenchDevice
{
    /// <summary>What <see cref="Parse"/> reads.</summary>
    public abstract string ToArgument();

    /// <summary>Our words.</summary>
    public abstract VmSpec AddTo(VmSpec spec);

    /// <summary>QEMU's words, at its best.</summary>
    public abstract string[] ToQemu();

    /// <summary>What the peer's guest is told to do: the same, unless the peer has another device.</summary>
    public virtual string PeerCommandLine(string commandLine) => commandLine;

    /// <summary>From <see cref="ToArgument"/>.</summary>
    public static BenchDevice Parse(string argument) => argument.Split(':', 2) switch
    {
        ["none", _] => new NoDevice(),
        ["buffered", var path] => new BenchDisk(path, Direct: false),
        ["direct", var path] => new BenchDisk(path, Direct: true),
        ["tap", var name] => new BenchNetwork(name),
        ["rng", _] => new BenchEntropy(PeerAsksKernel: true),
        ["stream", var path] => new BenchStream(path),
        _ => throw new BenchException($"'{argument}' is no device."),
    };
}

/// <summary>No device.</summary>
internal sealed record NoDevice : BenchDevice
{
    /// <inheritdoc/>
    public override string ToArgument() => "none:";

    /// <inheritdoc/>
    public override VmSpec AddTo(VmSpec spec) => spec;

    /// <inheritdoc/>
    public override string[] ToQemu() => [];
}

/// <summary>A disk.</summary>
/// <param name="Path">Its image.</param>
/// <param name="Direct">Past the host's page cache.</param>
internal sealed record BenchDisk(string Path, bool Direct) : BenchDevice
{
    /// <summary>How the peer carries out I/O: io_uring where the host allows it, else the best there is.</summary>
    public static string PeerEngine(bool direct)
    {
        const string Disabled = "/proc/sys/kernel/io_uring_disabled";
        bool hasRing = !File.Exists(Disabled) || File.ReadAllText(Disabled).Trim() == "0";
        return hasRing ? "io_uring" : direct ? "native" : "threads";
    }

    /// <inheritdoc/>
    public override string ToArgument() => $"{(Direct ? "direct" : "buffered")}:{Path}";

    /// <inheritdoc/>
    public override VmSpec AddTo(VmSpec spec) =>
        spec with { Disks = [new DiskSpec { Name = "disk", Path = Path, Cache = Direct ? DiskCache.Direct : DiskCache.Buffered }] };

    /// <inheritdoc/>
    public override string[] ToQemu() =>
    [
        "-object", "iothread,id=io",
        "-drive", $"if=none,id=disk,format=raw,cache={(Direct ? "none" : "writeback")},aio={PeerEngine(Direct)},file={Path}",
        "-device", "virtio-blk-device,drive=disk,iothread=io",
    ];
}

/// <summary>A network card on a tap interface.</summary>
/// <param name="Tap">The interface.</param>
internal sealed record BenchNetwork(string Tap) : BenchDevice
{
    /// <inheritdoc/>
    public override string ToArgument() => $"tap:{Tap}";

    /// <inheritdoc/>
    public override VmSpec AddTo(VmSpec spec) => spec with { Networks = [new NetworkSpec { Name = "net", Tap = Tap }] };

    /// <inheritdoc/>
    public override string[] ToQemu() =>
    [
        "-netdev", $"tap,id=net,ifname={Tap},script=no,downscript=no,vhost=off",
        "-device", "virtio-net-device,netdev=net",
    ];
}

/// <summary>A source of random numbers. Ours has them from the host's kernel.</summary>
/// <param name="PeerAsksKernel">So has the peer; else it makes them itself, as it does by default.</param>
internal sealed record BenchEntropy(bool PeerAsksKernel) : BenchDevice
{
    /// <inheritdoc/>
    public override string ToArgument() => "rng:";

    /// <inheritdoc/>
    public override VmSpec AddTo(VmSpec spec) => spec with { Entropy = new EntropySpec() };

    /// <inheritdoc/>
    public override string[] ToQemu() =>
    [
        "-object", PeerAsksKernel ? "rng-random,id=source,filename=/dev/urandom" : "rng-builtin,id=source",
        "-device", "virtio-rng-device,rng=source",
    ];
}

/// <summary>A way for bytes from the guest to a Unix socket of the host: a vsock connection. The peer has vsock only with
/// the host kernel's help, so its guest writes to a virtio console.</summary>
/// <param name="Socket">Path of our socket; connections of the guest go to <see cref="ListenerPath"/>.</param>
internal sealed record BenchStream(string Socket) : BenchDevice
{
    // What the guest connects to.
    private const int Port = 5201;

    /// <summary>Where both VMMs connect to.</summary>
    public string ListenerPath => $"{Socket}_{Port}";

    /// <inheritdoc/>
    public override string ToArgument() => $"stream:{Socket}";

    /// <inheritdoc/>
    public override VmSpec AddTo(VmSpec spec) => spec with { Vsock = new VsockSpec { Socket = Socket } };

    /// <inheritdoc/>
    public override string PeerCommandLine(string commandLine) =>
        commandLine.Replace("vsock-send", "console-send", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string[] ToQemu() =>
    [
        "-chardev", $"socket,id=stream,path={ListenerPath}",
        "-device", "virtio-serial-device", "-device", "virtconsole,chardev=stream",
    ];
}
