using StratoVirt.Backends.Io;
using StratoVirt.Backends.Net;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Net;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>A network card of two pairs and a control queue.</summary>
public sealed class NetSubject : DeviceSubject
{
    private const ulong MultiQueue = 1UL << 22;
    private const ulong ControlQueue = 1UL << 17;

    private ScriptedHostNet _host = null!;
    private VirtioNet _device = null!;

    /// <inheritdoc/>
    public override int ProbeQueue => 1;

    /// <inheritdoc/>
    public override bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices)
    {
        if (queue == ControlIndex(features))
        {
            ComposeCommand(plan, ref choices);
        }
        else if (queue % 2 == 0)
        {
            for (int parts = choices.Once(4) ? choices.Below(4) : 0; parts > 0; parts--)
            {
                plan.With(Memory.Writable(16 + choices.Below(600)));
            }

            plan.With(Memory.Writable(choices.Once(8) ? 66_000 : 64 + choices.Below(2000)));
        }
        else
        {
            byte[] frame = new byte[INetBackend.HeaderLength + NetFrame.MinLength + choices.Below(1500)];
            choices.Fill(frame.AsSpan(INetBackend.HeaderLength));
            if (choices.Once(4))
            {
                // A checksum to fill in, wherever it may be: the card sends the frame or drops it.
                frame[0] = 1;
                frame[1] = (byte)choices.Below(6);
                choices.Fill(frame.AsSpan(2, 8));
            }

            plan.WithSplit(Memory.Readable(frame), choices.Once(2) ? choices.Below(40) : 0);
        }

        return true;
    }

    /// <inheritdoc/>
    public override string? Judge(int queue, RequestPlan plan, uint written) => plan.Kind switch
    {
        1 => written != 1 || Memory.Span(plan.Buffers[^1])[0] > 1 ? "a command was answered with nonsense" : null,
        _ => queue % 2 == 1 && written != 0 ? $"{written} bytes were written to a frame that was sent" : null,
    };

    /// <inheritdoc/>
    public override void Act(ref Choices choices)
    {
        ScriptedHostQueue queue = _host.Scripts[choices.Below(2)];
        switch (choices.Below(16))
        {
            case 0:
                queue.Status = choices.Below(3) switch { 0 => NetStatus.WouldBlock, 1 => NetStatus.Dropped, _ => NetStatus.Done };
                queue.Wake();
                break;
            case 1 when choices.Once(16):
                queue.Status = NetStatus.Gone;
                queue.Wake();
                break;
            case 2:
                _device.SetLink(!choices.Once(3));
                break;
            default:
                queue.Add(choices.Below(4) switch { 0 => choices.Below(NetFrame.MaxLength + 10), 1 => choices.Below(80), _ => 60 + choices.Below(1500) });
                break;
        }
    }

    /// <inheritdoc/>
    public override void Settle()
    {
        foreach (ScriptedHostQueue queue in _host.Scripts)
        {
            queue.Status = queue.Status == NetStatus.Gone ? NetStatus.Gone : NetStatus.Done;
            queue.Wake();
        }
    }

    /// <inheritdoc/>
    public override bool MustAnswer(int queue, ulong features) => queue == 1 || queue == ControlIndex(features);

    /// <inheritdoc/>
    protected override VirtioDevice Make(IoThread thread)
    {
        _host = new ScriptedHostNet(RequireGuestMemory);
        _device = new VirtioNet(_host, new NetOptions { Mac = new MacAddress(0x0200_0000_0001), QueueSize = 128 }, thread);
        return _device;
    }

    private static int ControlIndex(ulong features) => (features & MultiQueue) != 0 ? 4 : 2;

    private void ComposeCommand(RequestPlan plan, ref Choices choices)
    {
        byte[] command = choices.Below(6) switch
        {
            0 => [0, 0, 1],
            1 => [0, 1, 0],
            2 => [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 5],
            3 => [1, 1, 2, 0, 0, 0, 0, (byte)choices.Next()],
            4 => [4, 0, (byte)choices.Below(4), 0],
            _ => [5, 0, .. BitConverter.GetBytes(choices.Next() & 0x4F83)],
        };
        plan.Kind = 1;
        plan.WithSplit(Memory.Readable(command), choices.Once(2) ? choices.Below(command.Length) : 0).With(Memory.Writable(1));
    }
}
