using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;

namespace StratoVirt.Fuzz.Virtio;

/// <summary>
/// A driver and a device at a virtqueue, whose every step the input decides. While the driver is honest, each request
/// is taken once in order and answered once; when it writes anything anywhere, the device still touches guest memory
/// only. A reset begins anew.
/// </summary>
internal static class VirtqueueTarget
{
    private static readonly TestGuestMemory Memory = new(new GuestRange(new GuestAddress(TestGuestMemory.DefaultStart), 1 << 20));

    /// <summary>Steps run since the process began.</summary>
    public static long Steps { get; private set; }

    public static FuzzTarget Target { get; } = new("virtqueue", () => Decisions.Seeds(16), Run, () => Steps);

    private static void Run(byte[] input)
    {
        Decisions decisions = new(input);
        while (decisions.HasMore)
        {
            RunLife(ref decisions);
        }
    }

    private static void RunLife(ref Decisions decisions)
    {
        Memory.Clear();
        int kind = decisions.Next();
        VirtqueueOptions options = (VirtqueueOptions)(kind & 7);
        bool packed = options.HasFlag(VirtqueueOptions.Packed);
        int size = packed ? 1 + ((kind >> 3) * 3) : 1 << ((kind >> 3) % 7);
        using QueuePair pair = new(options, (ushort)size, Memory);
        QueueLife life = new(pair);
        for (bool alive = true; alive && decisions.HasMore; Steps++)
        {
            // Of a broken queue there is little left to see, and most of the time belongs to honest drivers.
            int patience = life.IsBroken ? 8 : 128;
            alive = Step(life, ref decisions) && (life.IsHonest || decisions.Below(patience) != 0);
        }

        life.End();
    }

    private static bool Step(QueueLife life, ref Decisions decisions)
    {
        switch (decisions.Below(64))
        {
            case < 14:
                life.Add(ref decisions);
                return true;
            case < 22:
                life.Kick();
                return true;
            case < 35:
                life.Take();
                return true;
            case < 37:
                life.Return();
                return true;
            case < 47:
                life.Complete(decisions.Next());
                return true;
            case < 53:
                life.Publish();
                return true;
            case < 60:
                life.Collect();
                return true;
            case < 62:
                life.ToggleNotifications(decisions.Next());
                return true;
            case < 63:
                life.SaveAndRestore();
                return true;
            default:
                // Rarely enough that most of a life is honest, and that what follows a lie is seen.
                switch (decisions.Below(16))
                {
                    case 0:
                        return false;
                    case < 3:
                        life.Scribble(ref decisions);
                        return true;
                    default:
                        return true;
                }
        }
    }
}
