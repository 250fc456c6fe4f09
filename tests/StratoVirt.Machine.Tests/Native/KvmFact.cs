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
        Skip = WhyNot() ?? Skip;
    }

    internal static string? WhyNot()
    {
        try
        {
            using KvmSystem kvm = KvmSystem.Open();
            return null;
        }
        catch (LinuxException refused)
        {
            return $"/dev/kvm cannot be opened: {refused.Message}";
        }
    }
}

/// <summary>As <see cref="KvmFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KvmTheoryAttribute : TheoryAttribute
{
    public KvmTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = KvmFactAttribute.WhyNot() ?? Skip;
}
