using System.Globalization;
using System.Runtime.ExceptionServices;
using StratoVirt.Linux;
using StratoVirt.Linux.Containment.Jail;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine;
using StratoVirt.Machine.Detached;
using StratoVirt.Machine.Jail;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Host.Containment;

/// <summary>
/// The first of a jailed host's two processes: makes an empty room with what the machine needs, starts the program once
/// more inside and is done. The second reads the same order, finds that it is inside, and answers for itself.
/// </summary>
internal static class JailStart
{
    private const string ProgramInside = "/stratovirt";
    private const string RandomDevice = "/dev/urandom";
    private const string KvmDevice = "/dev/kvm";

    // Threads of a machine: vCPUs, an I/O thread a device, a few of the process itself.
    private const ulong SpareThreads = 192;

    // What the process itself and the kernel on its behalf take beside the guest's memory.
    private const ulong SpareMemory = 256 << 20;

    /// <summary>Starts the machine of an order in a jail.</summary>
    /// <param name="order">The order.</param>
    /// <param name="file">Where it was read, which is where the second process reads its own.</param>
    /// <exception cref="MachineException">Not root, or a device that cannot be had from inside.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Run(HostOrder order, FileDescriptor file)
    {
        string name = order.Definition.Metadata.Name;
        var runtime = new RuntimeDirectory(order.RuntimeRoot, order.StoreHome) { Kind = OwnerKind.Detached };
        if (!Environment.IsPrivilegedProcess)
        {
            throw new MachineException(
                MachineErrorId.JailUnsuitable,
                $"Machine '{name}' cannot run in a jail: only root can make one.",
                "Run as root, or start it without -Jail; it is contained by filters all the same.");
        }

        // Held from here to the end of the second process, which inherits it: whoever gets it knows that there is no jail.
        RuntimeLease lease = runtime.Acquire(name);
        JailPlan? plan = null;
        try
        {
            plan = JailPlan.Create(order.Definition, order.BaseDirectory);
            Start(order, file, plan, lease, runtime.PrepareJail(name));
            plan.Dispose();
        }
        catch
        {
            plan?.Abandon();
            lease.Dispose();
            throw;
        }
    }

    private static void Start(HostOrder order, FileDescriptor file, JailPlan plan, RuntimeLease lease, JailPlace place)
    {
        JoinGroup(order, place);
        using FileDescriptor held = lease.Share();
        using JailedProcess process = MakeOnOwnThread(plan, lease.Directory, place);
        JailIdentity inside = JailIdentity.Of(process.Id, place.User, held.Number);
        Rewrite(file, HostOrderJson.Serialize(order with { Ends = plan.Ends, Inside = inside }));
        lease.HandOver(inside);
        process.Start();
        HostLog.Write(string.Create(CultureInfo.InvariantCulture, $"The machine runs in a jail: process {process.Id}, user {place.User}."));
    }

    // Limits hold from before the second process begins; it inherits the group and cannot see out of it.
    private static void JoinGroup(HostOrder order, JailPlace place)
    {
        ControlGroup? group = place.CreateGroup();
        if (group is null)
        {
            HostLog.Write("This host has no control groups of version 2: the machine's memory and threads are not limited.");
            return;
        }

        ulong most = order.Definition.Spec.MemoryDevices.Aggregate(
            order.Definition.Spec.Memory.Bytes, (sum, device) => sum + device.Maximum.Bytes);
        bool isLimited = group.TryLimit("memory.max", most + SpareMemory)
            & group.TryLimit("pids.max", (ulong)order.Definition.Spec.Cpus + SpareThreads);
        if (!isLimited)
        {
            HostLog.Write("This host's control groups of version 2 have no controllers: the machine's memory and threads are not limited.");
        }

        group.Add(Environment.ProcessId);
    }

    // Namespaces and root are the thread's that makes them; this process goes on outside.
    private static JailedProcess MakeOnOwnThread(JailPlan plan, string runtime, JailPlace place)
    {
        JailedProcess? made = null;
        ExceptionDispatchInfo? failure = null;
        var maker = new Thread(() =>
        {
            try
            {
                made = Make(plan, runtime, place);
            }
#pragma warning disable CA1031 // Handed over to the thread that waits, whatever it is.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            Name = "jail",
        };
        maker.Start();
        maker.Join();
        failure?.Throw();
        return made!;
    }

    private static JailedProcess Make(JailPlan plan, string runtime, JailPlace place)
    {
        string program = Environment.ProcessPath!;
        JailRoot room = JailRoot.Create(place.Directory);
        room.Bind(program, readOnly: true, ProgramInside);
        room.AddDevice(KvmDevice, place.User);
        room.AddDevice(RandomDevice, place.User);
        room.Bind(runtime, readOnly: false);
        foreach (JailPath path in plan.Paths)
        {
            room.Bind(path.Path, path.ReadOnly);
        }

        room.Enter();
        return JailedProcess.Create(ProgramInside, [HostOrder.Argument], []);
    }

    private static void Rewrite(FileDescriptor file, byte[] order)
    {
        file.SetLength(0);
        Errno errno = file.WriteAt(order, 0, out int count);
        if (errno != Errno.None || count != order.Length)
        {
            throw new LinuxException("write", errno, "the order");
        }
    }
}
