using System.Globalization;
using System.Text;

namespace StratoVirt.PowerShell.Services;

/// <summary>
/// The unit of one machine (systemd.unit(5), systemd.service(5)). It starts the machine from its definition as it is
/// then, in a process of its own that stays in the unit's control group, and is active as long as it is not stopped.
/// </summary>
internal sealed record SystemdUnit
{
    /// <summary>First line of a unit this module wrote; others are left alone.</summary>
    public const string Mark = "# Written by Register-StratoVmService.";

    /// <summary>A guest has this long to shut down, and what is left of the machine ends a little later.</summary>
    private const int StopSeconds = 90;

    /// <summary>The machine.</summary>
    public required string Machine { get; init; }

    /// <summary>A program that takes pwsh's command line.</summary>
    public required string Shell { get; init; }

    /// <summary>The module's manifest.</summary>
    public required string Manifest { get; init; }

    /// <summary>The store the machine is in; the unit waits for the file system it is on.</summary>
    public required string Home { get; init; }

    /// <summary>Variables the machine's places depend on.</summary>
    public IReadOnlyList<(string Name, string Value)> Environment { get; init; } = [];

    /// <summary>What pulls it in: <c>multi-user.target</c>, <c>default.target</c> for a user's units.</summary>
    public required string WantedBy { get; init; }

    /// <summary>Name of the unit of a machine. Names of machines need no escaping in it.</summary>
    public static string NameOf(string machine) => $"stratovirt-{machine}.service";

    /// <summary>The unit file.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Mark).Append('\n');
        text.Append("[Unit]\n");
        text.Append(CultureInfo.InvariantCulture, $"Description=StratoVirt virtual machine {Machine}\n");
        text.Append("Wants=network-online.target\nAfter=network-online.target\n");
        text.Append(CultureInfo.InvariantCulture, $"RequiresMountsFor={Quote(Home)}\n");
        text.Append("AssertPathExists=/dev/kvm\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\n");
        foreach ((string name, string value) in Environment)
        {
            text.Append(CultureInfo.InvariantCulture, $"Environment={Quote($"{name}={value}")}\n");
        }

        // A terminal's escape sequences do not belong into the journal.
        text.Append("Environment=TERM=dumb\n");
        text.Append(CultureInfo.InvariantCulture, $"ExecStart={Command($"Start-StratoVm {Literal(Machine)} -Detached -ErrorAction Stop")}\n");
        text.Append(CultureInfo.InvariantCulture, $"ExecStop={Command($"Stop-StratoVm {Literal(Machine)} -Force -TimeoutSeconds {StopSeconds - 10}")}\n");
        text.Append(CultureInfo.InvariantCulture, $"TimeoutStopSec={StopSeconds}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"[Install]\nWantedBy={WantedBy}\n");
        return text.ToString();
    }

    private string Command(string command)
    {
        string[] arguments = ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", $"Import-Module {Literal(Manifest)}; {command}"];
        return string.Join(' ', arguments.Select(QuoteArgument).Prepend(Quote(Shell)));
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    // In arguments, not in the program's path, variables are expanded (systemd.service(5), COMMAND LINES).
    private static string QuoteArgument(string text) => Quote(text).Replace("$", "$$", StringComparison.Ordinal);

    // systemd.syntax(7), QUOTING; a percent sign begins a specifier (systemd.unit(5), SPECIFIERS).
    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '%' => quoted.Append("%%"),
                _ when char.IsControl(c) => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
