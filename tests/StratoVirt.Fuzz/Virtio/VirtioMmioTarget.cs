using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Transport;
using StratoVirt.Memory;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;

namespace StratoVirt.Fuzz.Virtio;

/// <summary>
/// A driver at the registers of a virtio-mmio device, whose every step the input decides: from a clean start with
/// requests and their answers, over resets at any moment, to any value in any register. Whatever went before, a start
/// as the specification has it gives a device that answers.
/// </summary>
internal static class VirtioMmioTarget
{
    private const ushort QueueSize = 16;

    private static readonly TestGuestMemory Memory = new(new GuestRange(new GuestAddress(TestGuestMemory.DefaultStart), 1 << 20));
    private static readonly IoThread Thread = new("fuzz", fault => throw fault);
    private static readonly RecordingInterruptLine Line = new();

    /// <summary>Steps run since the process began.</summary>
    public static long Steps { get; private set; }

    public static FuzzTarget Target { get; } = new("virtio-mmio", () => Decisions.Seeds(16), Run, () => Steps);

    private static void Run(byte[] input)
    {
        Decisions decisions = new(input);
        LoopbackDevice device = new(Thread, QueueSize) { RoundLength = 1 + (decisions.Next() & 31), HoldAtMost = 8 };

        // Only this thread serves it, so that the same bytes are the same run.
        device.Pause();
        using VirtioMmio mmio = new(device, Memory.Memory, Line);
        VirtioMmioDriver driver = new(mmio, Memory);
        bool honest = false;
        for (; decisions.HasMore; Steps++)
        {
            honest = Step(device, mmio, driver, honest, ref decisions);
        }
    }

    private static bool Step(
        LoopbackDevice device, VirtioMmio mmio, VirtioMmioDriver driver, bool honest, ref Decisions decisions)
    {
        switch (decisions.Below(64))
        {
            case 0:
                Memory.Clear();
                driver.Start(RingFeatures(decisions.Next()), queueSize: 8);
                return true;
            case 1 when decisions.Below(4) == 0:
                mmio.Reset();
                return false;
            case < 4:
                decisions = WriteRegister(driver, decisions);
                return false;
            case < 8:
                device.Serve(decisions.Next() & 1);
                return honest;
            case < 12:
                device.CompleteHeld(decisions.Next());
                return honest;
            case < 14:
                ReadAnywhere(mmio, ref decisions);
                return honest;
            case < 16:
                device.ChangeConfiguration();
                return honest;
            case < 18 when honest && (driver.Features & VirtioFeatures.QueueReset) != 0 && decisions.Below(8) == 0:
                driver.ResetQueue(1);
                driver.Enable(1, 8);
                return true;
            case < 40 when honest:
                Echo(device, driver, decisions.Next());
                return true;
            case < 62 when honest:
                Hold(device, driver, decisions.Next());
                return true;
            default:
                _ = driver.TakeInterrupt();
                return honest;
        }
    }

    private static ulong RingFeatures(int choice) =>
        ((choice & 1) != 0 ? VirtioFeatures.PackedRing : 0)
        | ((choice & 2) != 0 ? VirtioFeatures.EventIndex : 0)
        | ((choice & 4) != 0 ? VirtioFeatures.IndirectDescriptors : 0)
        | ((choice & 8) != 0 ? VirtioFeatures.QueueReset : 0);

    // Any value at any place; mostly words, as registers are.
    private static Decisions WriteRegister(VirtioMmioDriver driver, Decisions decisions)
    {
        ulong value = decisions.Word(TestGuestMemory.DefaultStart);
        Span<byte> data = stackalloc byte[8];
        BitConverter.TryWriteBytes(data, value);
        int shape = decisions.Next();
        int length = (shape & 15) == 0 ? 1 << ((shape >> 4) & 3) : 4;
        ulong offset = (shape & 16) != 0 ? (ulong)decisions.Next() << ((shape >> 5) & 3) : (ulong)decisions.Next() & 0xFC;
        driver.Write(offset, data[..length]);
        return decisions;
    }

    private static void ReadAnywhere(VirtioMmio mmio, ref Decisions decisions)
    {
        Span<byte> data = stackalloc byte[8];
        int shape = decisions.Next();
        mmio.Read((ulong)decisions.Next() << (shape & 3), data[..(1 << ((shape >> 2) & 3))]);
    }

    private static void Echo(LoopbackDevice device, VirtioMmioDriver driver, byte tag)
    {
        DriverQueue queue = driver.Queues[LoopbackDevice.EchoQueue]!;
        if (Memory.Left < 4096)
        {
            return;
        }

        DriverBuffer answer = Memory.Writable(2);
        ushort id = queue.Add([Memory.Readable([tag, 7]), answer], (queue.Options & Devices.Virtio.Queue.VirtqueueOptions.Indirect) != 0);
        driver.Kick(queue.Index);
        device.Serve(queue.Index);
        Require(queue.TryCollect(out UsedElement used) && used == new UsedElement(id, 2), device, "a request was not answered");
        Require(Memory.Span(answer).SequenceEqual((ReadOnlySpan<byte>)[tag, 7]), device, "an answer holds other bytes");
    }

    private static void Hold(LoopbackDevice device, VirtioMmioDriver driver, int choice)
    {
        DriverQueue queue = driver.Queues[LoopbackDevice.HoldQueue]!;
        while (queue.TryCollect(out UsedElement used))
        {
            Require(used.Written == 0, device, "a held request was written");
        }

        if (queue.FreeDescriptors > 0 && Memory.Left >= 4096)
        {
            queue.Add([Memory.Writable(1)]);
            driver.Kick(queue.Index);
        }

        if ((choice & 1) != 0)
        {
            device.Serve(queue.Index);
        }

        Require(device.Held <= 8 && queue.Outstanding <= queue.Size, device, "more is held than was sent");
    }

    private static void Require(bool holds, LoopbackDevice device, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"The device is wrong: {otherwise}; its fault is '{device.Fault}'.");
        }
    }
}
