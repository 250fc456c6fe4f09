using StratoVirt.Definitions;
using static StratoVirt.Host.CommandLine.OptionArgument;

namespace StratoVirt.Host.CommandLine;

/// <summary>StratoVirt's command line: every option it has, whether it is carried out here, taken and of no effect, or
/// refused with the reason.</summary>
internal static class OptionTable
{
    private const string NoMachineOfThisKind = "only microvm is built here.";
    private const string NoDisplay = "a microvm has no display and no keyboard.";

    /// <summary>All options.</summary>
    public static IReadOnlyList<CommandOption> All { get; } =
    [
        new("machine", Required, "[type=]microvm[,key=value...]", "machine model", Machine),
        new("accel", Required, "kvm", "accelerator", (_, option, text) => One(option, text, "accel", "kvm")),
        new("cpu", Required, "host", "CPU model", (_, option, text) => One(option, text, "model", "host")),
        new("smp", Required, "[cpus=]N", "vCPUs, 1 to 254", Smp),
        new("m", Required, "[size=]N[M|G]", "guest memory; a bare number is MiB", Memory),
        new("kernel", Required, "FILE", "kernel: bzImage, ELF vmlinux or raw binary", (s, _, text) => s.Kernel = text),
        new("initrd", Required, "FILE", "initial ramdisk", (s, _, text) => s.Initrd = text),
        new("append", Required, "TEXT", "kernel command line", (s, _, text) => s.Append = s.Append is null ? text : $"{s.Append} {text}"),
        new("drive", Required, "id=ID,file=FILE[,key=value...]", "disk image, for a -device", (s, option, text) => s.AddPart("drive", new(option, text))),
        new("netdev", Required, "tap,id=ID,ifname=NAME[,key=value...]", "tap interface, for a -device", (s, option, text) => s.AddPart("netdev", new(option, text, "type"))),
        new("chardev", Required, "socket|file|stdio,id=ID[,key=value...]", "host end of a port", (s, option, text) => s.AddPart("chardev", new(option, text, "type"))),
        new("object", Required, "TYPE,id=ID[,key=value...]", "rng-random, memory-backend-ram, memory-backend-file, iothread", (s, option, text) => s.AddPart("object", new(option, text, "type"))),
        new("device", Required, "DRIVER[,key=value...]", "virtio device", (s, option, text) => s.Devices.Add(new(option, text, "driver"))),
        new("serial", Required, "stdio|file,path=FILE|none", "where the serial port leads", (s, option, text) => s.Serial = new(option, text, "type")),
        new("qmp", Required, "unix:PATH,server,nowait", "control socket", ControlSocket),
        new("mon", Required, "chardev=ID,mode=control", "control socket on a -chardev socket", (s, option, text) => s.Monitors.Add(new(option, text, "chardev"))),
        new("name", Required, "NAME", "name of the machine", Name),
        new("S", None, "", "leave the vCPUs held until QMP's cont", (s, _, _) => s.Frozen = true),
        new("daemonize", None, "", "go on in the background when the machine runs", (s, _, _) => s.Daemonize = true),
        new("pidfile", Required, "FILE", "write the process id to a file", (s, _, text) => s.PidFile = text),
        new("D", Optional, "FILE", "write the log to a file", (s, _, text) => s.LogFile = text.Length == 0 ? "/tmp/stratovirt.log" : text),
        new("disable-seccomp", None, "", "run without system call filters", (s, _, _) => s.DisableSeccomp = true),
        new("version", None, "", "print the version", (s, _, _) => s.Version = true),
        new("V", None, "", null, (s, _, _) => s.Version = true),
        new("h", None, "", "print this", (s, _, _) => s.Help = true),
        new("help", None, "", null, (s, _, _) => s.Help = true),

        // Upstream takes these without effect, so that what libvirt writes is understood.
        CommandOption.Ignored("overcommit", Required),
        CommandOption.Ignored("uuid", Required),
        CommandOption.Ignored("no-user-config", None),
        CommandOption.Ignored("nodefaults", None),
        CommandOption.Ignored("sandbox", Required),
        CommandOption.Ignored("msg", Required),
        CommandOption.Ignored("rtc", Required),
        CommandOption.Ignored("boot", Required),
        CommandOption.Ignored("nographic", None),
        CommandOption.Ignored("realtime", Required),
        CommandOption.Ignored("usb", None),
        CommandOption.Ignored("trace", Required),

        CommandOption.Refused("incoming", Required, "snapshots and migration are not built yet."),
        CommandOption.Refused("mem-path", Required, "guest memory comes from the kernel, not from a file."),
        CommandOption.Refused("mem-prealloc", None, "guest memory is given as the guest touches it."),
        CommandOption.Refused("numa", Required, "the guest has one memory node."),
        CommandOption.Refused("global", Required, "a microvm has no properties of this kind."),
        CommandOption.Refused("smbios", Required, NoMachineOfThisKind),
        CommandOption.Refused("battery", None, NoMachineOfThisKind),
        CommandOption.Refused("hardware-signature", Required, NoMachineOfThisKind),
        CommandOption.Refused("vnc", Required, NoDisplay),
        CommandOption.Refused("display", Required, NoDisplay),
        CommandOption.Refused("cameradev", Required, NoDisplay),
        CommandOption.Refused("windows_emu_pid", Required, NoDisplay),
    ];

    private static void Machine(CommandSettings settings, string option, string text)
    {
        var keys = new KeyedText(option, text, "type");
        keys.Refuse("type", "microvm", NoMachineOfThisKind);
        keys.Refuse("accel", "kvm", "there is no other accelerator.");
        keys.Refuse("usb", "off", "a microvm has no USB.");
        keys.Ignore("dump-guest-core", "mem-share", "gic-version");
        keys.Finish();
    }

    private static void One(string option, string text, string key, string only)
    {
        var keys = new KeyedText(option, text, key);
        keys.Refuse(key, only, $"there is only '{only}'.");
        keys.Finish();
    }

    private static void Smp(CommandSettings settings, string option, string text)
    {
        var keys = new KeyedText(option, text, "cpus");
        settings.Cpus = keys.TakeNumber("cpus") ?? throw keys.Fault("'cpus' is missing.");
        if (settings.Cpus is < VmSpec.MinCpus or > VmSpec.MaxCpus)
        {
            throw keys.Fault($"'cpus' is {VmSpec.MinCpus} to {VmSpec.MaxCpus}, not '{settings.Cpus}'.");
        }

        keys.Refuse("maxcpus", $"{settings.Cpus}", "vCPUs cannot be added later.");
        keys.Ignore("sockets", "dies", "clusters", "cores", "threads");
        keys.Finish();
    }

    private static void Memory(CommandSettings settings, string option, string text)
    {
        var keys = new KeyedText(option, text, "size");
        settings.Memory = keys.TakeSize("size", 1 << 20) ?? throw keys.Fault("'size' is missing.");
        keys.Ignore("maxmem", "slots");
        keys.Finish();
    }

    private static void Name(CommandSettings settings, string option, string text)
    {
        var keys = new KeyedText(option, text, "guest");
        settings.Name = keys.Require("guest");
        keys.Ignore("debug-threads", "process");
        keys.Finish();
    }

    private static void ControlSocket(CommandSettings settings, string option, string text)
    {
        var keys = new KeyedText(option, text, "where");
        string where = keys.Require("where");
        keys.Ignore("server", "nowait", "wait", "iothread");
        keys.Finish();
        const string Unix = "unix:";
        settings.ControlSockets.Add(where.StartsWith(Unix, StringComparison.Ordinal) && where.Length > Unix.Length
            ? where[Unix.Length..]
            : throw keys.Fault($"a control socket is unix:PATH, not '{where}': whoever reaches it owns the machine, so it is a file with an owner."));
    }
}
