using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Containment.Seccomp;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Traps;

namespace StratoVirt.Linux.Tests.Containment;

/// <summary>What <see cref="OtherProcess"/> does, on the thread that loads this module: any other would wait for the
/// loading to end.</summary>
internal static class ContainedActs
{
    internal const ushort Mark = 7;

    internal static void Run(string[] act)
    {
        switch (act)
        {
            case ["trap", string record, string call]:
                Trap(record, call);
                break;
            case ["kill", string call]:
                Filter(call, SeccompVerdict.KillProcess);
                Call(call);
                break;
            case ["lost-page", string path]:
                LostPage(path);
                break;
            case ["all-threads"]:
                AllThreads();
                break;
            case ["limits"]:
                ResourceLimits.Lower(ResourceLimit.Descriptors, 512);
                ResourceLimits.Lower(ResourceLimit.Descriptors, 4096);
                ResourceLimits.Lower(ResourceLimit.MessageQueueBytes, 0);
                Console.Write($"{ResourceLimits.Read(ResourceLimit.Descriptors)} {ResourceLimits.Read(ResourceLimit.MessageQueueBytes)}");
                break;
            default:
                throw new ArgumentException($"Unknown act: {act[0]}");
        }
    }

    private static void Trap(string record, string call)
    {
        FileDescriptor file = FileDescriptor.Open(record, OpenFlags.WriteOnly | OpenFlags.Create, 0x180);
        ViolationTrap.Arm(file);

        // What a first use has to load is loaded before files are out of reach.
        Console.Write(AskForMemory() is Errno.None ? "opened " : "no file ");
        Filter(call, SeccompVerdict.Trap(Mark));
        if (call == "openat")
        {
            Console.Write(AskForMemory());
            _ = FileDescriptor.TryOpen("/etc/hostname", OpenFlags.ReadOnly, 0, out _);
        }
        else if (call == "clock_nanosleep")
        {
            // glibc's usleep makes it, as the collector's waits do; then something to end by.
            long begun = System.Diagnostics.Stopwatch.GetTimestamp();
            int result = Sleep(30_000);
            Console.Write($"{result} {System.Diagnostics.Stopwatch.GetElapsedTime(begun) >= TimeSpan.FromMilliseconds(30)}");
        }
        else
        {
            Call(call);
        }

        GC.KeepAlive(file);
    }

    private static void LostPage(string path)
    {
        LostPageTrap.Arm();
        using FileDescriptor file = FileDescriptor.Open(path, OpenFlags.ReadWrite);
        using MemoryMapping mapping = MemoryMapping.CreateShared(file, (nuint)FileStatus.Of(file).Length);
        file.SetLength(0);
        Console.Write(Marshal.ReadByte(mapping.Address));
    }

    private static void AllThreads()
    {
        ThreadPrivileges.ForbidNew();
        SeccompFilter.InstallOnAllThreads(Program("getppid", SeccompVerdict.Fail(Errno.Busy)));
        IReadOnlyList<ThreadContainment> threads = ThreadContainment.ReadAll();
        Console.Write($"{Call("getppid")} {threads.Count > 1} {threads.All(thread => thread.IsFiltered && thread.IsForbiddenNew)}");
    }

    private static void Filter(string call, SeccompVerdict verdict)
    {
        ThreadPrivileges.ForbidNew();
        SeccompFilter.Install(Program(call, verdict));
    }

    internal static SeccompProgram Program(string call, SeccompVerdict verdict) =>
        SeccompProgram.Compile(new SeccompPolicy(
            [new SeccompRule(SystemCall.Named(call), verdict), new SeccompRule(new SystemCall(-1), SeccompVerdict.Trap(Mark))],
            SeccompVerdict.Allow));

    // What the collector does before a collection.
    private static Errno AskForMemory()
    {
        FileDescriptor.TryOpen("/proc/meminfo", OpenFlags.ReadOnly, 0, out Errno errno)?.Dispose();
        return errno;
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "usleep")]
    private static extern int Sleep(uint microseconds);

    private static nint Call(string name) => LibC.syscall(SystemCall.Named(name).Number, 0, 0, 0);
}
