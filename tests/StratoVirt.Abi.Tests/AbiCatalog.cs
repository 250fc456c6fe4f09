using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Kvm;
using StratoVirt.Kvm.Abi;
using StratoVirt.Linux;

namespace StratoVirt.Abi.Tests;

/// <summary>Everything in the project that claims to be the kernel's, found by reflection so that nothing can be
/// forgotten: all of the Abi namespaces, and the public types that carry the kernel's name.</summary>
internal static class AbiCatalog
{
    private static readonly string ThisArchitecture = RuntimeInformation.ProcessArchitecture.ToString();

    private static IEnumerable<Type> Types =>
        new[] { typeof(LinuxException).Assembly, typeof(KvmSystem).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
            .Where(type => !type.Name.StartsWith('<') && !type.Name.StartsWith("__", StringComparison.Ordinal));

    /// <summary>Structures laid out as the kernel's.</summary>
    internal static IReadOnlyList<Type> Structures { get; } =
    [
        .. Types.Where(type => type.IsValueType && !type.IsEnum && !type.IsGenericType)
            .Where(type => IsAbi(type) || type.IsDefined(typeof(KernelNameAttribute)))
            .Where(type => !type.IsDefined(typeof(InlineArrayAttribute)) || type.IsDefined(typeof(KernelNameAttribute)))
            .OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    /// <summary>Numbers with the kernel's name.</summary>
    internal static IReadOnlyList<FieldInfo> Constants { get; } =
    [
        .. Types.Where(type => IsAbi(type) && type.IsAbstract && type.IsSealed)
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => field.IsLiteral && field.FieldType != typeof(string))
            .OrderBy(field => field.Name, StringComparer.Ordinal),
    ];

    /// <summary>Fields of a structure but for its padding, which is named with an underscore.</summary>
    internal static IEnumerable<FieldInfo> FieldsOf(Type structure) => structure
        .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(field => !field.Name.StartsWith('_'));

    /// <summary>How C names the type.</summary>
    internal static string CTypeOf(Type structure)
    {
        string name = structure.GetCustomAttribute<KernelNameAttribute>()?.Name ?? structure.Name;
        if (structure.DeclaringType is { } parent)
        {
            return $"__typeof__((({CTypeOf(parent)} *)0)->{name})";
        }

        return name.EndsWith("_t", StringComparison.Ordinal) ? name : $"struct {name}";
    }

    /// <summary>How C names the field.</summary>
    internal static string CNameOf(FieldInfo field) =>
        field.GetCustomAttribute<KernelNameAttribute>()?.Name ?? ToSnakeCase(field.Name);

    private static bool IsAbi(Type type)
    {
        string[] parts = (type.Namespace ?? string.Empty).Split('.');
        return parts.Contains("Abi")
            && (parts[^1] is not ("X64" or "Arm64") || parts[^1] == ThisArchitecture);
    }

    private static string ToSnakeCase(string name) => string.Concat(
        name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? string.Empty : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
