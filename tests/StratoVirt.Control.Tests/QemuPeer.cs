using System.Diagnostics;
using System.Text.Json;

namespace StratoVirt.Control.Tests;

/// <summary>QEMU, held before its first instruction, to say the same things to.</summary>
internal sealed class QemuPeer : IDisposable
{
    private const string Program = "/usr/bin/qemu-system-x86_64";

    private readonly Process _qemu;

    /// <summary>Starts it and negotiates; skips the present test where there is none.</summary>
    /// <param name="socket">Where it is to listen.</param>
    /// <param name="arguments">Machine and devices.</param>
    public QemuPeer(string socket, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed.");
        _qemu = Process.Start(new ProcessStartInfo(
            Program,
            [
                .. arguments, "-accel", "tcg", "-m", "32", "-nodefaults", "-display", "none", "-serial", "null", "-S", "-name", "test",
                "-qmp", $"unix:{socket},server=on,wait=off",
            ]))!;
        Client = ConnectTo(socket);
    }

    /// <summary>The conversation with it.</summary>
    public RawClient Client { get; }

    public void Dispose()
    {
        Client.Dispose();
        _qemu.Kill();
        _qemu.WaitForExit();
        _qemu.Dispose();
    }

    /// <summary>Every member of ours is in theirs, of the same JSON kind.</summary>
    /// <param name="ours">An answer of ours.</param>
    /// <param name="theirs">QEMU's to the same.</param>
    /// <param name="where">What was asked.</param>
    /// <param name="unsaid">Members that QEMU leaves out where it has nothing to say: they are in its schema.</param>
    public static void RequireSubset(JsonElement ours, JsonElement theirs, string where, params string[] unsaid)
    {
        Assert.Equal((where, theirs.ValueKind), (where, Kind(ours.ValueKind, theirs.ValueKind)));
        if (ours.ValueKind == JsonValueKind.Array && ours.GetArrayLength() > 0 && theirs.GetArrayLength() > 0)
        {
            RequireSubset(ours[0], theirs[0], where, unsaid);
        }
        else if (ours.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in ours.EnumerateObject())
            {
                if (theirs.TryGetProperty(member.Name, out JsonElement other))
                {
                    RequireSubset(member.Value, other, $"{where}.{member.Name}", unsaid);
                }
                else
                {
                    Assert.True(unsaid.Contains(member.Name), $"{where}.{member.Name} is not QEMU's");
                }
            }
        }
    }

    private static JsonValueKind Kind(JsonValueKind ours, JsonValueKind theirs) =>
        ours is JsonValueKind.True or JsonValueKind.False && theirs is JsonValueKind.True or JsonValueKind.False ? theirs : ours;

    private RawClient ConnectTo(string socket)
    {
        while (true)
        {
            Assert.False(_qemu.HasExited, "QEMU has ended.");
            try
            {
                var client = new RawClient(socket);
                client.ReadLine();
                client.Return("qmp_capabilities");
                return client;
            }
            catch (System.Net.Sockets.SocketException)
            {
                _qemu.WaitForExit(10);
            }
        }
    }
}
