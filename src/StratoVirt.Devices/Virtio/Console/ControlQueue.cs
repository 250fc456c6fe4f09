using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using StratoVirt.Devices.Virtio.Queue;

namespace StratoVirt.Devices.Virtio.Console;

/// <summary>
/// The talk about ports (virtio 1.3 §5.3.6.2): the driver says that it is ready, the device announces its ports, the
/// driver accepts each, the device says what each is. All of it is the I/O thread's.
/// </summary>
internal sealed class ControlQueue(ConsoleDevice device)
{
    private const int LongestMessage = ControlMessage.Length + ConsolePortDefinition.LongestName;
    private const int ChainsPerRound = 64;

    private static readonly PortNews[] Order =
    [
        PortNews.Add, PortNews.ConsolePort, PortNews.Name, PortNews.Resize, PortNews.Close, PortNews.Open, PortNews.Remove,
    ];

    private long _badMessages;
    private long _smallBuffers;

    internal bool IsDriverReady { get; set; }

    internal long BadMessages => Volatile.Read(ref _badMessages);

    internal long SmallBuffers => Volatile.Read(ref _smallBuffers);

    /// <summary>Hears the driver.</summary>
    internal void Hear(Virtqueue queue)
    {
        RoundEnd end = RoundEnd.OutOfTurn;
        for (int i = 0; i < ChainsPerRound; i++)
        {
            if (!queue.TryPop(out DescriptorChain? chain))
            {
                end = RoundEnd.Drained;
                break;
            }

            bool understood = chain.TryRead(0, out ControlMessage message) && Understand(message);
            _badMessages += understood ? 0 : 1;
            queue.Complete(chain, 0);
        }

        device.EndRound(queue, end);
    }

    /// <summary>Tells the driver what it has buffers for; the rest waits for more.</summary>
    internal void Tell(Virtqueue queue)
    {
        if (!IsDriverReady)
        {
            return;
        }

        Span<byte> message = stackalloc byte[LongestMessage];
        int budget = ChainsPerRound;
        for (int number = 0; number < device.PortCount; number++)
        {
            while (device.PortAt(number) is { } port && Next(port) is var news && news != PortNews.None)
            {
                int length = Compose(port, news, message);
                if (!TrySend(queue, message[..length], ref budget))
                {
                    device.EndRound(queue, budget == 0 ? RoundEnd.OutOfTurn : RoundEnd.Drained);
                    return;
                }

                Told(port, news);
            }
        }

        device.EndRound(queue, RoundEnd.HostWaits);
    }

    private static PortNews Next(ConsolePort port)
    {
        foreach (PortNews news in Order)
        {
            // Before the driver has accepted a port it may hear only that the port is there, and gone.
            if (port.News.HasFlag(news) && (port.IsReady || news is PortNews.Add or PortNews.Remove))
            {
                return news;
            }
        }

        return PortNews.None;
    }

    private static int Compose(ConsolePort port, PortNews news, Span<byte> message)
    {
        (ControlEvent what, ushort value) = news switch
        {
            PortNews.Add => (ControlEvent.DeviceAdd, (ushort)0),
            PortNews.ConsolePort => (ControlEvent.ConsolePort, (ushort)1),
            PortNews.Name => (ControlEvent.PortName, (ushort)0),
            PortNews.Resize => (ControlEvent.Resize, (ushort)0),
            PortNews.Close => (ControlEvent.PortOpen, (ushort)0),
            PortNews.Open => (ControlEvent.PortOpen, (ushort)1),
            _ => (ControlEvent.DeviceRemove, (ushort)0),
        };
        MemoryMarshal.Write(message, new ControlMessage((uint)port.Number, what, value));
        Span<byte> rest = message[ControlMessage.Length..];
        switch (news)
        {
            case PortNews.Name:
                return ControlMessage.Length + Encoding.UTF8.GetBytes(port.Name, rest);
            case PortNews.Resize:
                // Columns first (§5.3.6.2); Linux took them the other way round for years.
                BinaryPrimitives.WriteUInt16LittleEndian(rest, port.Size.Columns);
                BinaryPrimitives.WriteUInt16LittleEndian(rest[sizeof(ushort)..], port.Size.Rows);
                return ControlMessage.Length + (2 * sizeof(ushort));
            default:
                return ControlMessage.Length;
        }
    }

    private bool TrySend(Virtqueue queue, ReadOnlySpan<byte> message, ref int budget)
    {
        while (budget > 0 && queue.TryPop(out DescriptorChain? chain))
        {
            budget--;
            bool fits = chain.WritableLength >= (uint)message.Length;
            queue.Complete(chain, fits ? (uint)chain.Write(0, message) : 0);
            if (fits)
            {
                return true;
            }

            _smallBuffers++;
        }

        return false;
    }

    private void Told(ConsolePort port, PortNews news)
    {
        port.News &= ~news;
        switch (news)
        {
            case PortNews.Add:
                port.IsAnnounced = true;
                break;
            case PortNews.Close:
            case PortNews.Open:
                port.IsToldOpen = news == PortNews.Open;
                break;
            case PortNews.Remove:
                device.Forget(port);
                break;
        }
    }

    private bool Understand(ControlMessage message)
    {
        if (message.Event == ControlEvent.DeviceReady)
        {
            if (message.Value == 1 && !IsDriverReady)
            {
                IsDriverReady = true;
                device.AnnouncePorts();
            }

            return true;
        }

        if (message.Port >= (uint)device.PortCount
            || device.PortAt((int)message.Port) is not { IsAnnounced: true, IsRemoved: false } port)
        {
            return false;
        }

        switch (message.Event)
        {
            case ControlEvent.PortReady:
                Accept(port, message.Value == 1);
                return true;
            case ControlEvent.PortOpen when port.IsReady:
                port.IsGuestOpen = message.Value == 1;
                port.Receive();
                return true;
            default:
                return false;
        }
    }

    private static void Accept(ConsolePort port, bool accepted)
    {
        if (!accepted || port.IsReady)
        {
            port.IsReady &= accepted;
            return;
        }

        port.IsReady = true;
        port.News |= port.IsConsole ? PortNews.ConsolePort : PortNews.None;
        port.News |= port.Name.Length > 0 ? PortNews.Name : PortNews.None;
        port.News |= port.IsConsole && port.Size.Columns > 0 ? PortNews.Resize : PortNews.None;
        port.News |= port.Channel.IsConnected ? PortNews.Open : PortNews.None;
        port.Transmit();
    }
}
