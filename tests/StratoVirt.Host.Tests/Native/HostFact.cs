using System.Reflection;
using System.Runtime.CompilerServices;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Host.Tests.Native;

/// <summary>A test that runs a machine in the real host program: skipped, with the reason, where the build has made none
/// or KVM cannot be opened.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HostFactAttribute : FactAttribute
{
    public HostFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = WhyNot() ?? Skip;

    /// <summary>Where the build puts it.</summary>
    internal static string Program { get; } = Path.Combine(
        typeof(HostFactAttribute).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "RepositoryRoot").Value!,
        "bin",
        "stratovirt");

    private static string? WhyNot()
    {
        if (!File.Exists(Program))
        {
            return $"there is no {Program}: run build.ps1 -Task Build";
        }

        using FileDescriptor? kvm = FileDescriptor.TryOpen("/dev/kvm", OpenFlags.ReadWrite, 0, out Errno errno);
        return kvm is null ? $"/dev/kvm cannot be opened: {errno}" : null;
    }
}
