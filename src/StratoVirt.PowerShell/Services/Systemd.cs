using System.Diagnostics;
using StratoVirt.PowerShell.Errors;

namespace StratoVirt.PowerShell.Services;

/// <summary>A manager of units: the system's, or that of this user.</summary>
internal sealed class Systemd(bool isUser)
{
    /// <summary>Where this manager's administrator puts units.</summary>
    public string Directory { get; } = isUser
        ? Path.Combine(UserConfiguration(), "systemd", "user")
        : "/etc/systemd/system";

    /// <summary>What a unit that starts with the rest is wanted by.</summary>
    public string Target { get; } = isUser ? "default.target" : "multi-user.target";

    /// <summary>Refuses to go on where there is no such manager.</summary>
    /// <exception cref="StratoVirtException">This host was not booted with systemd.</exception>
    public static void Require()
    {
        // What sd_booted(3) looks at.
        if (!System.IO.Directory.Exists("/run/systemd/system"))
        {
            throw ErrorRecords.Failure(
                CommandErrorId.SystemdMissing,
                "This host does not run systemd, so there is nothing that would start a machine with it.",
                "Start machines from whatever this host starts its services with: Start-StratoVm NAME -Detached. With -Path, only the unit is written.");
        }
    }

    /// <summary>Has units read anew.</summary>
    public void Reload() => Run("daemon-reload");

    /// <summary>Has a unit start with the host.</summary>
    public void Enable(string unit) => Run("enable", unit);

    /// <summary>Has a unit not start with the host any more.</summary>
    public void Disable(string unit) => Run("disable", unit);

    private void Run(params string[] arguments)
    {
        string[] all = isUser ? ["--user", .. arguments] : arguments;
        string said;
        int code;
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("systemctl", all) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            said = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            code = process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw Refused(all, missing.Message, missing);
        }

        if (code != 0)
        {
            throw Refused(all, said.Length == 0 ? $"exit code {code}" : said, null);
        }
    }

    private static StratoVirtException Refused(string[] arguments, string why, Exception? cause) => ErrorRecords.Failure(
        CommandErrorId.SystemdRefused,
        $"'systemctl {string.Join(' ', arguments)}' did not succeed: {why}",
        "See what systemd says: systemctl status.",
        cause);

    // XDG Base Directory Specification 0.8: a relative path is invalid and ignored.
    private static string UserConfiguration() =>
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } chosen && Path.IsPathFullyQualified(chosen)
            ? chosen
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
}
