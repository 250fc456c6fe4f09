using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using StratoVirt.Bench.Children;

namespace StratoVirt.Bench.Measuring;

/// <summary>
/// A machine in a process of its own that takes disks and gives them back while its guest runs, asked over QMP in the
/// same words whichever it is. Its serial console is the process's standard output.
/// </summary>
internal sealed class HotPlugMachine : IDisposable
{
    /// <summary>What rows call the peer: its q35, because its microvm plugs nothing into a running machine.</summary>
    public const string PeerName = "QEMU q35";

    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly BlockingCollection<(string Line, long Time)> _lines = [];
    private readonly string _name;
    private readonly Process _process;
    private readonly QmpConversation _qmp;
    private readonly Func<int, string> _place;
    private long _asked;

    private HotPlugMachine(string name, string program, string[] arguments, string socket, Func<int, string> place)
    {
        _name = name;
        _place = place;
        _process = new Process { StartInfo = BootRace.Redirected(program, arguments) };
        _process.Start();
        new Thread(Listen) { IsBackground = true }.Start();
        try
        {
            _qmp = QmpConversation.Begin(name, socket, _process);
        }
        catch
        {
            BootRace.End(_process);
            _process.Dispose();
            throw;
        }
    }

    /// <summary>Starts ours.</summary>
    /// <param name="boot">What it boots.</param>
    /// <param name="socket">Path for its QMP socket.</param>
    public static HotPlugMachine Ours(BootInputs boot, string socket) => new(
        "ours",
        Environment.ProcessPath ?? throw new BenchException("The path of this program is not known."),
        ["hot-plug", socket, .. boot.ToArguments()],
        socket,
        _ => string.Empty);

    /// <summary>Starts the peer with free root ports. Plugging goes by ACPI there, its default and its fastest way: a port's
    /// own button waits five seconds.</summary>
    /// <param name="boot">What it boots.</param>
    /// <param name="socket">Path for its QMP socket.</param>
    /// <param name="outlets">Root ports: it takes one disk in each.</param>
    public static HotPlugMachine Peer(BootInputs boot, string socket, int outlets)
    {
        List<string> arguments =
        [
            "-M", "q35,accel=kvm", "-cpu", QemuMicroVm.CpuModel, "-smp", "1", "-m", $"{boot.MemoryMib}",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-serial", "stdio", "-qmp", $"unix:{socket},server=on,wait=off", "-object", "iothread,id=io",
            "-kernel", boot.Kernel,
        ];
        for (int i = 0; i < outlets; i++)
        {
            arguments.AddRange(["-device", $"pcie-root-port,id=outlet{i},bus=pcie.0,chassis={i + 1}"]);
        }

        if (boot.Initrd.Length != 0)
        {
            arguments.AddRange(["-initrd", boot.Initrd]);
        }

        if (boot.CommandLine.Length != 0)
        {
            arguments.AddRange(["-append", boot.CommandLine]);
        }

        return new(PeerName, QemuMicroVm.Path, [.. arguments], socket, outlet => $",\"bus\":\"outlet{outlet}\",\"iothread\":\"io\"");
    }

    /// <summary>Waits until the guest has printed a line that begins so, its last after booting.</summary>
    public void AwaitBoot(string line) => WaitFor(line, BootLimit);

    /// <summary>Plugs a disk in.</summary>
    /// <param name="number">Its number, which is its outlet's.</param>
    /// <param name="image">Its image.</param>
    /// <returns>Milliseconds from the request to the VMM's answer that it is plugged, its image open.</returns>
    public double Plug(int number, string image)
    {
        _asked = Stopwatch.GetTimestamp();
        _qmp.Execute($$$$"""{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"image{{{{number}}}}","file":{"driver":"file","filename":"{{{{image}}}}","aio":"{{{{BenchDisk.PeerEngine(direct: false)}}}}"}}}""");
        _qmp.Execute($$$$"""{"execute":"device_add","arguments":{"driver":"virtio-blk-pci","id":"disk{{{{number}}}}","drive":"image{{{{number}}}}"{{{{_place(number)}}}}}}""");
        return Stopwatch.GetElapsedTime(_asked).TotalMilliseconds;
    }

    /// <summary>Takes a disk out.</summary>
    /// <returns>Milliseconds from the request until the guest has given it back and its image is closed.</returns>
    public double Unplug(int number)
    {
        _asked = Stopwatch.GetTimestamp();
        _qmp.Execute($$$$"""{"execute":"device_del","arguments":{"id":"disk{{{{number}}}}"}}""");

        // The peer tells of the disk's virtio half, too, which has a path alone.
        _qmp.Await("DEVICE_DELETED", $"\"disk{number}\"");
        _qmp.Execute($$$$"""{"execute":"blockdev-del","arguments":{"node-name":"image{{{{number}}}}"}}""");
        return Stopwatch.GetElapsedTime(_asked).TotalMilliseconds;
    }

    /// <summary>Waits until the guest has printed a line that begins so.</summary>
    /// <returns>Milliseconds from the last request.</returns>
    public double AwaitGuest(string line) => Stopwatch.GetElapsedTime(_asked, WaitFor(line, Limit)).TotalMilliseconds;

    /// <summary>Holds the vCPUs while it is the other machine's turn.</summary>
    public void Pause() => _qmp.Execute("""{"execute":"stop"}""");

    /// <summary>Lets them run again.</summary>
    public void Resume() => _qmp.Execute("""{"execute":"cont"}""");

    /// <inheritdoc/>
    public void Dispose()
    {
        _qmp.Dispose();
        BootRace.End(_process);
        _process.Dispose();
    }

    private long WaitFor(string line, TimeSpan limit)
    {
        var seen = new StringBuilder();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < limit && _lines.TryTake(out (string Line, long Time) next, limit))
        {
            // The kernel's command line may hold these words, too: they count at the beginning only.
            if (next.Line.StartsWith(line, StringComparison.Ordinal))
            {
                return next.Time;
            }

            seen.AppendLine(next.Line);
        }

        throw new BenchException($"{_name}: the guest did not print '{line}' in {clock.Elapsed.TotalSeconds:F0} s, but: {seen}");
    }

    // The time is taken where the line arrives, not where somebody gets round to waiting for it.
    private void Listen()
    {
        try
        {
            while (_process.StandardOutput.ReadLine() is { } line)
            {
                _lines.Add((line, Stopwatch.GetTimestamp()));
            }
        }
        catch (Exception over) when (over is ObjectDisposedException or InvalidOperationException or IOException)
        {
            // The machine is being ended.
        }
    }
}
