using System.Diagnostics;
using System.Globalization;

namespace StratoVirt.Bench.Suites;

/// <summary>A tap interface that both VMMs join.</summary>
internal sealed class BenchTap : IDisposable
{
    private const string Ip = "/usr/sbin/ip";

    private BenchTap(string name) => Name = name;

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Makes the interface and brings it up.</summary>
    /// <exception cref="BenchException">The host does not let us.</exception>
    public static BenchTap Create()
    {
        if (!File.Exists(Ip) || !File.Exists("/dev/net/tun") || !Environment.IsPrivilegedProcess)
        {
            throw new BenchException($"a tap interface takes root, /dev/net/tun and {Ip} (package iproute2)");
        }

        var tap = new BenchTap(string.Create(CultureInfo.InvariantCulture, $"svb{Environment.ProcessId}"));
        Run("tuntap", "add", "dev", tap.Name, "mode", "tap");
        try
        {
            // The host's own greetings would be frames that nobody asked for.
            string ipv6 = $"/proc/sys/net/ipv6/conf/{tap.Name}/disable_ipv6";
            if (File.Exists(ipv6))
            {
                File.WriteAllText(ipv6, "1");
            }

            Run("link", "set", tap.Name, "up");
            return tap;
        }
        catch
        {
            tap.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Run("link", "delete", Name);

    private static void Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Ip, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new BenchException($"ip {string.Join(' ', arguments)}: {error.Trim()}");
        }
    }
}
