using System.Runtime.CompilerServices;
using StratoVirt.Kvm;
using StratoVirt.Linux;

namespace StratoVirt.Machine.Tests.Native;

/// <summary>A test that runs a guest: skipped, with the reason, where this host's KVM cannot be opened.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KvmFactAttribute : FactAttribute
{
    public KvmFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        try
        {
            using KvmSystem kvm = KvmSystem.Open();
        }
        catch (LinuxException refused)
        {
            Skip = $"/dev/kvm cannot be opened: {refused.Message}";
        }
    }
}
