using System.Text.RegularExpressions;

namespace StratoVirt.Shell.Running;

/// <summary>What to tell a user who asks for a command that the full PowerShell has and this host has not.</summary>
internal static partial class MissingCommand
{
    public static string? Hint(string? name) =>
        name is not null && CmdletName().IsMatch(name)
            ? $"'{name}' may be one of the commands of a full PowerShell: this host carries those of "
                + "Microsoft.PowerShell.Core (Get-Command lists them). With PowerShell 7.6 on PATH, ./strato uses it."
            : null;

    [GeneratedRegex("^[a-z]+-[a-z]+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CmdletName();
}
