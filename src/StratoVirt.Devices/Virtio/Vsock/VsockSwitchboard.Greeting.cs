using System.Text.Unicode;
using StratoVirt.Backends.Vsock;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;

namespace StratoVirt.Devices.Virtio.Vsock;

// Processes of the host that want to reach the guest, until they do.
internal sealed partial class VsockSwitchboard
{
    // Ports that stand for such processes: where Firecracker begins, so that its users meet the numbers they know.
    private const uint LowestHostPort = 1u << 30;
    private const uint HighestHostPort = (1u << 31) - 1;

    private const int MostAccepts = 16;

    private bool _isListenerAside;

    private void Accept()
    {
        for (int i = 0; i < MostAccepts; i++)
        {
            UnixSocket? socket = _sockets.Listener.TryAccept(out Errno errno);
            if (socket is not null)
            {
                Greet(socket);
                continue;
            }

            if (errno != Errno.Again)
            {
                // Out of descriptors: the listener stays ready, and would be looked at without end.
                Ready.Remove(_sockets.Listener);
                _isListenerAside = true;
                ArmTimer();
            }

            return;
        }
    }

    private void Greet(UnixSocket socket)
    {
        if (TryBegin(VsockStage.Greeting, socket) is { } connection)
        {
            Rewatch(connection);
        }
        else
        {
            _refused++;
            socket.Dispose();
        }
    }

    /// <summary>Byte by byte: what follows the command belongs to the guest and stays in the socket.</summary>
    private void ReadGreeting(VsockConnection connection)
    {
        Span<byte> one = stackalloc byte[1];
        while (true)
        {
            Errno errno = connection.Socket!.Read(one, out int count);
            if (errno == Errno.Again)
            {
                return;
            }

            ConnectProgress progress = count == 1 ? connection.Greeting.Take(one[0]) : ConnectProgress.Invalid;
            if (progress == ConnectProgress.Invalid)
            {
                Release(connection);
                return;
            }

            if (progress == ConnectProgress.Complete)
            {
                Connect(connection);
                return;
            }
        }
    }

    private void Connect(VsockConnection connection)
    {
        connection.GuestPort = connection.Greeting.Port;
        do
        {
            connection.HostPort = _nextHostPort;
            NextHostPort = _nextHostPort + 1;
        }
        while (_byPorts.ContainsKey(connection.Key));

        connection.Stage = VsockStage.Connecting;
        _byPorts.Add(connection.Key, connection);
        Rewatch(connection);
        ArmTimer();
        Owe(connection, VsockDebts.Request);
    }

    /// <summary>The guest has accepted.</summary>
    private void Accepted(VsockConnection connection)
    {
        Span<byte> answer = stackalloc byte[32];
        _ = Utf8.TryWrite(answer, $"OK {connection.HostPort}\n", out int length);
        connection.Stage = VsockStage.Open;
        Errno errno = connection.Socket!.Send(answer[..length], out int sent);
        if (errno != Errno.None || sent != length)
        {
            // A new socket has room for a line: the process has gone.
            Abort(connection);
            return;
        }

        _opened++;
        Rewatch(connection);
    }
}
