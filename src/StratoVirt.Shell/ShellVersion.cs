using System.Management.Automation;
using System.Reflection;

namespace StratoVirt.Shell;

/// <summary>What this host and the engine inside it call themselves.</summary>
internal static class ShellVersion
{
    public static Version Host { get; } = typeof(ShellVersion).Assembly.GetName().Version ?? new Version(0, 0);

    public static string Engine { get; } =
        typeof(PSObject).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
            .InformationalVersion.Split('+', ' ')[0] ?? "unknown";

    public static string Text => $"PowerShell {Engine} (StratoVirt shell {Host.ToString(3)})";
}
