using StratoVirt.Linux;
using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Machine.Runtime;

/// <summary>The <c>violation</c> file: empty unless a host process was ended by its own filters, then a
/// <see cref="ContainmentViolation"/>.</summary>
internal static class ViolationFile
{
    internal const string Name = "violation";

    private const int OwnerReadWrite = 0x180;

    /// <summary>Opens it anew, for the process that holds the lock.</summary>
    /// <exception cref="LinuxException">It cannot be made.</exception>
    internal static FileDescriptor Create(string directory) => FileDescriptor.Open(
        Path.Combine(directory, Name), OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, OwnerReadWrite);

    /// <summary>What it says, for an operator; null when it says nothing.</summary>
    internal static string? Describe(string directory)
    {
        using FileDescriptor? file = FileDescriptor.TryOpen(
            Path.Combine(directory, Name), OpenFlags.ReadOnly | OpenFlags.NonBlocking, 0, out _);
        Span<byte> record = stackalloc byte[ContainmentViolation.Length];
        return file?.ReadAt(record, 0, out int count) == Errno.None && ContainmentViolation.Read(record[..count]) is { } violation
            ? Describe(violation)
            : null;
    }

    private static string Describe(ContainmentViolation violation) =>
        $"its containment ended it, because {Who((ThreadRole)violation.Mark)} made {What(violation)}, which it has no use for";

    private static string What(ContainmentViolation violation) => violation.IsForeign
        ? $"system call {violation.Call.Number} of another architecture"
        : $"the system call '{violation.Call.Name}' (or made it with arguments that are not allowed)";

    private static string Who(ThreadRole role) => role switch
    {
        ThreadRole.Vcpu => "a vCPU thread",
        ThreadRole.Io => "an I/O thread",
        ThreadRole.Worker => "a disk's worker thread",
        ThreadRole.Log => "the console log's thread",
        ThreadRole.Runtime => "a thread of the .NET runtime",
        _ => "a control thread",
    };
}
