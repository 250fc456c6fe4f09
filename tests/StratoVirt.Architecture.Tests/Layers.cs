namespace StratoVirt.Architecture.Tests;

/// <summary>Who may know whom: the table of ARCHITECTURE.md.</summary>
internal static class Layers
{
    /// <summary>By project, the projects it may refer to. A project that is not here may not exist.</summary>
    public static IReadOnlyDictionary<string, string[]> Projects { get; } = new Dictionary<string, string[]>
    {
        ["Linux"] = [],
        ["Kvm"] = ["Linux"],
        ["Memory"] = ["Linux"],
        ["Backends"] = ["Memory", "Linux"],
        ["Devices"] = ["Backends", "Memory", "Linux"],
        ["Definitions"] = [],
        ["Definitions.Yaml"] = ["Definitions"],
        ["Store"] = ["Definitions.Yaml", "Definitions", "Linux"],
        ["GuestImages"] = [],
        ["Guests"] = [],
        ["Machine"] = ["Kvm", "Devices", "Backends", "Memory", "Definitions", "Linux"],
        ["Qmp"] = [],
        ["Control"] = ["Machine", "Devices", "Definitions", "Qmp", "Linux"],
        ["Host"] = ["Control", "Machine", "Definitions", "Qmp", "Linux"],
        ["PowerShell"] = ["Control", "Machine", "Definitions.Yaml", "Definitions", "Store", "GuestImages", "Qmp", "Linux"],
        ["Shell"] = [],
    };

    /// <summary>By package, the projects of src/ that may use it. Tests may use all but the cmdlets' reference
    /// assembly, which would hide the real one from them.</summary>
    public static IReadOnlyDictionary<string, string[]> Packages { get; } = new Dictionary<string, string[]>
    {
        ["System.Management.Automation"] = ["Shell"],
        ["PowerShellStandard.Library"] = ["PowerShell"],
        ["YamlDotNet"] = ["Definitions.Yaml"],
        ["Iced"] = ["Guests"],
        ["ZstdSharp.Port"] = ["Machine", "GuestImages"],
        ["K4os.Compression.LZ4"] = ["Machine", "GuestImages"],
        ["SharpCompress"] = ["Machine", "GuestImages"],
        ["xunit.v3.mtp-off"] = [],
        ["CsCheck"] = [],
        ["SharpFuzz"] = [],
    };

    /// <summary>Where <c>unsafe</c> may be.</summary>
    public static IReadOnlyList<string> Unsafe { get; } = ["Linux", "Kvm", "Memory"];

    /// <summary>The name without the product's.</summary>
    public static string Short(string project) => project["StratoVirt.".Length..];
}
