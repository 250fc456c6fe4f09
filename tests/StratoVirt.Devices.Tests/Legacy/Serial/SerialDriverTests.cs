using CsCheck;
using StratoVirt.Backends.Char;
using StratoVirt.Devices.Legacy.Serial;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Devices.Tests.Legacy.Serial;

/// <summary>A driver that lives by the interrupt alone: nothing typed or printed is lost, doubled, reordered or stuck.</summary>
public sealed class SerialDriverTests
{
    private readonly RecordingInterruptLine _line = new();
    private readonly RecordingCharBackend _output = new();

    [Fact]
    public void Linux_finds_a_16550A()
    {
        SerialDevice port = new(_line, _output);

        Assert.Equal("16550A", new Linux8250Driver(port, _line).Probe());
        Assert.Empty(_output.Printed);
    }

    private enum Event
    {
        Type,
        Interrupt,
        Print,
        PrintPolled,
    }

    [Fact]
    public void Every_byte_arrives_once_in_order_whatever_the_interleaving()
    {
        Gen<(Event What, int Size)[]> events =
            Gen.Select(Gen.Int[0, 3].Select(i => (Event)i), Gen.Frequency((4, Gen.Int[0, 20]), (1, Gen.Int[0, 600]))).Array[0, 60];

        // Sizes of what is typed at the driver's successive register accesses; mostly nothing.
        Gen<int[]> typedMeanwhile = Gen.Frequency((8, Gen.Const(0)), (1, Gen.Int[1, 40])).Array[0, 200];
        Gen<byte> fifoControl = Gen.Int[0, 4].Select(i => (byte)(i == 0 ? 0 : ((i - 1) << 6) | 1));
        Gen.Select(events, typedMeanwhile, fifoControl, Gen.Int[1, 3], Gen.Int[16, 40]).Sample(
            (script, meanwhile, control, rounds, receiveLimit) => Play(script, meanwhile, control, rounds, receiveLimit),
            iter: 2000);
    }

    /// <summary>Long enough to fill the queue: the sender waits and is woken; the echo comes back whole.</summary>
    [Fact]
    public void A_sender_and_a_guest_on_their_own_threads_lose_nothing()
    {
        const int Total = 5 * SerialDevice.InputLimit;
        RecordingInterruptLine line = new();
        ConsoleBuffer console = new(Total);
        SerialDevice port = new(line, console);
        Linux8250Driver driver = new(port, line) { RoundLimit = 4 };
        driver.Startup(0x81);
        byte[] typed = new byte[Total];
        new Random(7).NextBytes(typed);
        using CharInput input = new(port);
        using CancellationTokenSource givenUp = new(TimeSpan.FromMinutes(1));
        int sent = 0;
        Thread sender = new(() =>
        {
            try
            {
                sent = input.Send(typed, Timeout.InfiniteTimeSpan, givenUp.Token);
            }
            catch (OperationCanceledException)
            {
                // The assertion below says how far it came.
            }
        });
        sender.Start();
        int echoed = 0;
        while (console.Written < Total && !givenUp.IsCancellationRequested)
        {
            if (!driver.ServeInterrupt())
            {
                Thread.Yield();
            }

            byte[] fresh = [.. driver.Received[echoed..]];
            echoed += fresh.Length;
            driver.Print(fresh);
        }

        sender.Join();
        Assert.Equal(Total, sent);
        Assert.Equal(typed, driver.Received);
        byte[] echo = new byte[Total];
        long position = 0;
        Assert.Equal(Total, console.Read(ref position, echo));
        Assert.Equal(typed, echo);
        Assert.Equal((ulong)Total, port.Metrics.Received);
        Assert.Equal((ulong)Total, port.Metrics.Transmitted);
    }

    private static void Play((Event What, int Size)[] script, int[] meanwhile, byte control, int rounds, int receiveLimit)
    {
        RecordingInterruptLine line = new();
        RecordingCharBackend output = new();
        SerialDevice port = new(line, output);
        Linux8250Driver driver = new(port, line)
        {
            RoundLimit = rounds,
            ReceiveLimit = receiveLimit,
            TransmitLoad = control == 0 ? 1 : 16,
        };
        driver.Startup(control);
        int typed = 0;
        int printed = 0;
        int polled = 0;
        int access = 0;
        driver.BeforeAccess = () => typed += access < meanwhile.Length ? port.Receive(Numbered(typed, meanwhile[access++])) : 0;

        foreach ((Event what, int size) in script)
        {
            switch (what)
            {
                case Event.Type:
                    typed += port.Receive(Numbered(typed, size));
                    break;
                case Event.Interrupt:
                    driver.ServeInterrupt();
                    break;
                case Event.Print:
                    driver.Print(Numbered(printed, size));
                    printed += size;
                    break;
                default:
                    driver.PrintPolled(new byte[size]);
                    polled += size;
                    break;
            }
        }

        int services = 0;
        while (driver.ServeInterrupt())
        {
            // Each service moves at least one byte or quiets the line.
            Assert.True(++services < 100_000, "The interrupt never goes quiet.");
        }

        driver.BeforeAccess = null;
        Assert.True(driver.IsQuiet, "A cause is left and no interrupt will ever say so.");
        Assert.Equal(Numbered(0, typed), driver.Received);
        Assert.Equal(0, driver.UntransmittedCount);
        Assert.Equal(printed + polled, output.Printed.Length);
        Assert.Equal(Numbered(0, printed).Where(value => value != 0), output.Printed.Where(value => value != 0));
        Assert.Equal(0, port.Metrics.Queued);
        Assert.Equal(0UL, port.Metrics.Overruns);
    }

    /// <summary>Bytes that tell their place in the stream: never zero, period 251.</summary>
    private static byte[] Numbered(int from, int count) => [.. Enumerable.Range(from, count).Select(i => (byte)((i % 251) + 1))];
}
