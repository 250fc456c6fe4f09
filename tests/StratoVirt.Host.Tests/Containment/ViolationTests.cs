using StratoVirt.Definitions.Devices;
using StratoVirt.Host.Tests.Native;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Host.Tests.Containment;

/// <summary>A guest that has broken the device model finds itself in an empty room, and the operator hears of it.</summary>
public sealed class ViolationTests
{
    private const string Prompt = "hello> ";

    // A thread by the beginning of its name, and a call it has no use for.
    private static readonly (string Thread, string Call, object[] Arguments)[] Calls =
    [
        ("vcpu0", "execve", ["/bin/sh", 0, 0]),
        ("vcpu0", "openat", [0xffffff9c, "/etc/passwd", 0]),
        ("vcpu0", "open", ["/etc/passwd", 0]),
        ("vcpu0", "socket", [2, 1, 0]),
        ("vcpu0", "ptrace", [0, 0, 0, 0]),
        ("vcpu0", "mmap", [0, 4096, 7, 0x22, 0xffffffff, 0]),
        ("vcpu0", "ioctl", [0, 0x5401]),
        ("vcpu0", "kill", [1, 9]),
        ("vcpu0", "clone", [0x11, 0]),
        ("io", "execve", ["/bin/sh", 0, 0]),
        ("io", "socket", [2, 1, 0]),
        ("io", "openat", [0xffffff9c, "/etc/passwd", 2]),
        ("sv ", "execve", ["/bin/sh", 0, 0]),
        ("sv ", "socket", [2, 1, 0]),
        ("sv ", "mprotect", [0, 4096, 5]),
        ("strato-log", "socket", [1, 1, 0]),
        (".NET Finalizer", "execve", ["/bin/sh", 0, 0]),
        ("stratovirt", "ptrace", [0, 0, 0, 0]),
    ];

    [HostFact]
    public void ACallThatAThreadHasNoUseForEndsTheProcessAndIsNamed() =>
        Assert.All(Calls, made => TryCall(made.Thread, made.Call, made.Arguments));

    private static void TryCall(string thread, string call, object[] arguments)
    {
        using var guest = new HostedGuest();
        guest.Order = guest.Order with
        {
            Definition = guest.Order.Definition with
            {
                Spec = guest.Order.Definition.Spec with
                {
                    Console = guest.Order.Definition.Spec.Console with { Log = true },
                    Ports = [new ConsolePortSpec { Name = "port" }],
                },
            },
        };
        guest.Start();
        guest.Expect(Prompt);
        Intruder.Call(guest.Process!.ProcessId, thread, call, arguments);
        guest.AwaitEnd();
        Assert.Null(guest.Runtime.Inspect(guest.Name));
        RuntimeEnd end = guest.Runtime.FindEnd(guest.Name)!;
        Assert.Equal(ShutdownCause.HostError, end.Cause);
        Assert.Contains($"'{call}'", end.Problem, StringComparison.Ordinal);
        Assert.Contains(Who(thread), end.Problem, StringComparison.Ordinal);
    }

    private static string Who(string thread) => thread switch
    {
        "vcpu0" => "a vCPU thread",
        "io" => "an I/O thread",
        "strato-log" => "the console log's thread",
        ".NET Finalizer" => "the .NET runtime",
        _ => "a control thread",
    };
}
