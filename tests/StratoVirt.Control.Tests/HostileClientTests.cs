using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Tests.Native;
using StratoVirt.Testing;

namespace StratoVirt.Control.Tests;

/// <summary>Clients that misbehave: each costs little, and the machine and the other clients do not notice.</summary>
public sealed class HostileClientTests
{
    private const int MiB = 1 << 20;

    [KvmFact]
    public void A_line_of_100_MB_is_one_error_and_the_next_command_is_served()
    {
        using var served = new ServedMachine();
        using RawClient client = served.Connect();
        using RawClient other = served.Connect();
        byte[] piece = Encoding.ASCII.GetBytes(new string('x', MiB));
        client.Send("{\"execute\":\"");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 100; i++)
        {
            for (int sent = 0; sent < piece.Length;)
            {
                sent += client.Socket.Send(piece, sent, piece.Length - sent, SocketFlags.None);
            }

            if (i % 25 == 0)
            {
                Assert.True(other.Return("query-status").GetProperty("running").GetBoolean());
            }
        }

        // Of the whole process, in which other tests run too.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 * MiB);
        client.Send("\n");
        Assert.Contains("size limit", client.ReadLine(), StringComparison.Ordinal);
        RunsOn(served, other);
    }

    [KvmTheory]
    [InlineData("{ bad }")]
    [InlineData("12\n")]
    [InlineData("}\n")]
    [InlineData("[1]")]
    [InlineData("{\"execute\":\"stop\"]")]
    [InlineData("{\"execute\":\"a\u0001\"}\n")]
    [InlineData("{\"execute\":1}")]
    [InlineData("{\"id\":3}")]
    [InlineData("{\"execute\":\"stop\",\"execute\":\"cont\"}")]
    [InlineData("{\"execute\":\"query-status\",\"arguments\":[]}")]
    [InlineData("{\"execute\":\"\\ud800\"}")]
    public void Bad_JSON_is_one_error_and_the_next_command_is_served(string text)
    {
        using var served = new ServedMachine();
        using RawClient client = served.Connect();
        client.Send(text);
        Assert.True(JsonDocument.Parse(client.ReadLine()!).RootElement.TryGetProperty("error", out _));
        RunsOn(served, client);
    }

    [KvmFact]
    public void Nesting_without_end_is_one_error()
    {
        using var served = new ServedMachine();
        using RawClient client = served.Connect();
        client.Send(new string('[', 100_000) + "\n");
        Assert.Contains("nesting", client.ReadLine(), StringComparison.Ordinal);
        RunsOn(served, client);
    }

    [KvmFact]
    public void Clients_that_say_nothing_or_half_a_command_or_hang_up_are_no_trouble()
    {
        using var served = new ServedMachine();
        using var silent = new RawClient(served.Machine.ControlSocketPath!);
        using RawClient half = served.Connect();
        half.Send("{\"execute\":\"query-st");
        using RawClient writer = served.Connect();
        writer.Send("{\"execute\":\"query-status\"}{\"execute\":\"query-name\"}");
        writer.Socket.Shutdown(SocketShutdown.Send);
        Assert.Contains("running", writer.ReadLine(), StringComparison.Ordinal);
        Assert.Contains("test", writer.ReadLine(), StringComparison.Ordinal);
        Assert.Null(writer.ReadLine());
        using (RawClient gone = served.Connect())
        {
            gone.Send("{\"execute\":\"stop\"}");
        }

        using RawClient other = served.Connect();
        Assert.NotNull(served.Machine.WaitFor(status => status.State == RunState.Paused, TimeSpan.FromSeconds(30)));
        other.Return("cont");
        half.Send("atus\"}");
        half.WaitForEvent("RESUME");
        RunsOn(served, other);
    }

    [KvmFact]
    public void Descriptors_that_no_command_asks_for_are_closed()
    {
        using var served = new ServedMachine();
        using RawClient other = served.Connect();
        string path = Path.Combine(served.Directory, "nothing");
        using (RawClient sender = served.Connect())
        using (FileDescriptor nothing = FileDescriptor.Open(path, OpenFlags.WriteOnly | OpenFlags.Create, 0x180))
        {
            FileDescriptor[] most = [.. Enumerable.Repeat(nothing, UnixSocket.MaxDescriptors)];
            for (int i = 0; i < 10; i++)
            {
                for (int message = 0; message < 20; message++)
                {
                    sender.Send(" ", most);
                }

                // Its answer says that all before it has been read.
                sender.Return("query-status");
                Assert.InRange(OpenDescriptors.To(path), 1, 1 + UnixSocket.MaxDescriptors);
            }
        }

        Assert.True(SpinWait.SpinUntil(() => OpenDescriptors.To(path) == 0, TimeSpan.FromSeconds(30)));
        RunsOn(served, other);
    }

    [KvmFact]
    public void A_client_that_does_not_read_is_held_back_then_cut_off_and_costs_a_bounded_amount()
    {
        using var served = new ServedMachine();
        using RawClient slow = served.Connect();
        using RawClient other = served.Connect();

        // Commands: nothing of it is read, so the server stops taking them when enough answers wait.
        slow.Socket.Blocking = false;
        byte[] command = Encoding.ASCII.GetBytes("{\"execute\":\"query-qmp-schema\"}");
        int refused = 0;
        for (int i = 0; i < 50_000 && refused < 100; i++)
        {
            try
            {
                slow.Socket.Send(command);
            }
            catch (SocketException full) when (full.SocketErrorCode == SocketError.WouldBlock)
            {
                refused++;
                other.Return("query-status");
            }
        }

        Assert.Equal(100, refused);

        // Events: they cannot wait, so in the end the client goes.
        for (int i = 0; served.Server.Clients == 2; i++)
        {
            Assert.InRange(i, 0, 20_000);
            other.Return("stop");
            other.Return("cont");
            other.Events.Clear();
        }

        RunsOn(served, other);
    }

    [KvmFact]
    public void A_thousand_clients_are_served()
    {
        using var served = new ServedMachine();
        var clients = new List<RawClient>();
        try
        {
            for (int i = 0; i < 1000; i++)
            {
                clients.Add(served.Connect());
            }

            clients[0].Return("stop");
            foreach (RawClient client in clients)
            {
                client.WaitForEvent("STOP");
                Assert.Equal("paused", client.Return("query-status").GetProperty("status").GetString());
            }
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        using RawClient last = served.Connect();
        last.Return("cont");
        RunsOn(served, last);
    }

    [KvmFact]
    public void Clients_beyond_the_limit_wait_until_one_leaves()
    {
        using var served = new ServedMachine();
        var clients = new List<RawClient>();
        try
        {
            for (int i = 0; i < ControlServer.MaxClients; i++)
            {
                clients.Add(served.Connect());
            }

            using var waiting = new RawClient(served.Machine.ControlSocketPath!);
            Assert.Equal(ControlServer.MaxClients, served.Server.Clients);
            clients[0].Dispose();
            Assert.Contains("QMP", waiting.ReadLine(), StringComparison.Ordinal);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    private static void RunsOn(ServedMachine served, RawClient client)
    {
        Assert.True(client.Return("query-status").GetProperty("running").GetBoolean());
        Assert.Equal(RunState.Running, served.Machine.Status.State);
    }
}
