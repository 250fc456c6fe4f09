using CsCheck;
using StratoVirt.Devices.Legacy.Rtc;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Devices.Tests.Legacy.Rtc;

public sealed class CmosRtcTests
{
    private const byte Bcd24 = 0x02;
    private const byte Binary24 = 0x06;
    private const byte Bcd12 = 0x00;
    private const byte Binary12 = 0x04;

    private readonly ManualTimeProvider _host = new(new DateTimeOffset(2031, 12, 28, 17, 45, 59, TimeSpan.Zero));
    private readonly CmosRtc _clock;

    public CmosRtcTests() => _clock = new CmosRtc(_host);

    [Fact]
    public void Shows_the_hosts_time_in_utc_as_bcd()
    {
        Assert.Equal([0x59, 0x45, 0x17, 0x01, 0x28, 0x12, 0x31, 0x20], TimeRegisters());
        _host.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0x00, 0x46, 0x17, 0x01, 0x28, 0x12, 0x31, 0x20], TimeRegisters());
        _host.Advance(TimeSpan.FromDays(4));
        Assert.Equal([0x00, 0x46, 0x17, 0x05, 0x01, 0x01, 0x32, 0x20], TimeRegisters());
    }

    [Theory]
    [InlineData(Binary24, 0, 0)]
    [InlineData(Binary24, 23, 23)]
    [InlineData(Bcd24, 23, 0x23)]
    [InlineData(Binary12, 0, 12)]
    [InlineData(Binary12, 1, 1)]
    [InlineData(Binary12, 12, 0x8C)]
    [InlineData(Binary12, 23, 0x8B)]
    [InlineData(Bcd12, 0, 0x12)]
    [InlineData(Bcd12, 12, 0x92)]
    [InlineData(Bcd12, 22, 0x90)]
    public void Register_B_decides_how_hours_are_written(byte mode, int hour, byte expected)
    {
        _host.Advance(TimeSpan.FromHours(24 - 17 + hour));
        Out(0x0B, mode);
        Assert.Equal(expected, In(0x04));
    }

    [Fact]
    public void Identifies_itself_as_a_running_clock_with_a_good_battery()
    {
        Assert.Equal(0x26, In(0x0A));
        Assert.Equal(0x02, In(0x0B));
        Assert.Equal(0x00, In(0x0C));
        Assert.Equal(0x80, In(0x0D));
        Out(0x0D, 0);
        Assert.Equal(0x80, In(0x0D));
    }

    [Fact]
    public void Update_in_progress_is_up_for_the_last_2228_us_of_a_second()
    {
        _host.Advance(TimeSpan.FromMicroseconds(1_000_000 - 2229));
        Assert.Equal(0x26, In(0x0A));
        _host.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(0xA6, In(0x0A));
        Assert.Equal(0x59, In(0x00));
        _host.Advance(TimeSpan.FromMicroseconds(2227));
        Assert.Equal(0xA6, In(0x0A));
        _host.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(0x26, In(0x0A));
        Assert.Equal(0x00, In(0x00));
    }

    [Fact]
    public void While_held_the_time_stands_and_nothing_updates()
    {
        Out(0x0B, 0x82);
        _host.Advance(TimeSpan.FromSeconds(10.9985));
        Assert.Equal(0x59, In(0x00));
        Assert.Equal(0x26, In(0x0A));
        Out(0x0B, 0x02);
        Assert.Equal(0x59, In(0x00));
        _host.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(0x00, In(0x00));
    }

    [Fact]
    public void Linux_sets_the_time_and_the_next_second_comes_half_a_second_later()
    {
        _host.Advance(TimeSpan.FromMilliseconds(300));
        Out(0x0B, 0x82);
        Out(0x0A, 0x76);
        byte[] registers = [0x09, 0x08, 0x07, 0x06, 0x05, 0x24];
        byte[] numbers = [0x00, 0x02, 0x04, 0x07, 0x08, 0x09];
        for (int i = 0; i < numbers.Length; i++)
        {
            Out(numbers[i], registers[i]);
        }

        Out(0x32, 0x19);
        Out(0x0B, 0x02);
        Out(0x0A, 0x26);

        Assert.Equal([0x09, 0x08, 0x07, 0x03, 0x06, 0x05, 0x24, 0x19], TimeRegisters());
        _host.Advance(TimeSpan.FromMilliseconds(499));
        Assert.Equal(0x09, In(0x00));
        _host.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(0x10, In(0x00));
        _host.Advance(TimeSpan.FromDays(365));
        Assert.Equal([0x10, 0x08, 0x07, 0x04, 0x06, 0x05, 0x25, 0x19], TimeRegisters());
    }

    [Fact]
    public void A_single_register_can_be_set_while_the_clock_runs()
    {
        Out(0x02, 0x00);
        Out(0x06, 0x07);
        Assert.Equal([0x59, 0x00, 0x17, 0x01, 0x28, 0x12, 0x31, 0x20], TimeRegisters());
    }

    [Fact]
    public void Memory_and_alarm_keep_their_bytes_through_a_reset_and_the_interrupts_do_not()
    {
        for (byte register = 0x0E; register < 0x80; register++)
        {
            if (register != 0x32)
            {
                Out(register, (byte)(register ^ 0x55));
            }
        }

        Out(0x01, 0xC1);
        Out(0x0B, 0x7A);
        Out(0x02, 0x01);
        _clock.Reset();

        for (byte register = 0x0E; register < 0x80; register++)
        {
            Assert.Equal(register == 0x32 ? 0x20 : register ^ 0x55, In(register));
        }

        Assert.Equal(0xC1, In(0x01));
        Assert.Equal(0x02, In(0x0B));
        Assert.Equal(0x01, In(0x02));
    }

    [Fact]
    public void The_index_ignores_the_nmi_bit_and_reads_as_ones()
    {
        Assert.Equal(0x80, In(0x8D));
        byte[] data = [0];
        _clock.Read(0, data);
        Assert.Equal(0xFF, data[0]);
    }

    [Fact]
    public void A_word_written_selects_and_stores()
    {
        _clock.Write(0, [0x40, 0x77]);
        Assert.Equal(0x77, In(0x40));
    }

    [Fact]
    public void Every_time_set_is_read_back_in_every_mode() =>
        Gen.Select(Gen.Long[new DateTime(1900, 1, 1).Ticks, new DateTime(2999, 12, 31).Ticks], Gen.Int[0, 3])
            .Sample((ticks, kind) =>
            {
                byte mode = (byte)(kind << 1);
                DateTime time = new DateTime(ticks - (ticks % TimeSpan.TicksPerSecond));
                RtcEncoding encoding = new(mode);
                CmosRtc clock = new(_host);
                Write(clock, 0x0B, (byte)(0x80 | mode));
                byte[] numbers = [0x00, 0x02, 0x04, 0x07, 0x08, 0x09, 0x32];
                foreach (byte number in numbers)
                {
                    Write(clock, number, encoding.Encode(number, time));
                }

                Write(clock, 0x0B, mode);
                byte[] registers = new byte[0x80];
                foreach (byte number in numbers)
                {
                    registers[number] = Read(clock, number);
                }

                Assert.Equal(time, encoding.Decode(registers));
                Assert.Equal((int)time.DayOfWeek + 1, Read(clock, 0x06));
            });

    /// <summary>A hostile guest: any bytes in any order, at any time, and the clock still ticks and stays in range.</summary>
    [Fact]
    public void No_sequence_of_accesses_breaks_the_clock() =>
        Gen.Select(Gen.Byte, Gen.Byte, Gen.Int[0, 3_000_000]).Array[0, 60].Sample(steps =>
        {
            ManualTimeProvider host = new(DateTimeOffset.UnixEpoch);
            CmosRtc clock = new(host);
            foreach ((byte register, byte value, int microseconds) in steps)
            {
                byte number = (byte)(register < 0x80 ? register % 0x0E : register);
                Write(clock, number, value);
                Read(clock, number);
                host.Advance(TimeSpan.FromMicroseconds(microseconds));
            }

            CmosRtc copy = new(host);
            copy.Restore(clock.Save());
            Write(clock, 0x0A, 0x26);
            Write(clock, 0x0B, Binary24);
            Write(copy, 0x0A, 0x26);
            Write(copy, 0x0B, Binary24);
            Assert.InRange(Read(clock, 0x00), 0, 59);
            Assert.InRange(Read(clock, 0x04), 0, 23);
            Assert.InRange(Read(clock, 0x07), 1, 31);
            Assert.InRange(Read(clock, 0x08), 1, 12);
            for (byte register = 0; register < 0x80; register++)
            {
                Assert.Equal(Read(clock, register), Read(copy, register));
            }
        });

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void An_absurd_offset_stays_inside_the_calendar(long offset)
    {
        _clock.Restore(_clock.Save() with { OffsetTicks = offset });
        Out(0x0B, Binary24);
        Assert.InRange(In(0x32), 0, 99);
        Assert.InRange(In(0x08), 1, 12);
    }

    [Fact]
    public void A_restored_clock_goes_on_with_the_hosts_time()
    {
        Out(0x04, 0x03);
        CmosRtcState state = _clock.Save();
        _host.Advance(TimeSpan.FromHours(2));
        CmosRtc copy = new(_host);
        copy.Restore(state);

        Assert.Equal(0x05, Read(copy, 0x04));
        Assert.Throws<DeviceStateException>(() => copy.Restore(state with { Version = 0 }));
        Assert.Throws<DeviceStateException>(() => copy.Restore(state with { Registers = [1, 2, 3] }));
        Assert.Throws<DeviceStateException>(() => copy.Restore(state with { Registers = default }));
    }

    [Fact]
    public void Accesses_allocate_nothing()
    {
        CmosRtc clock = new(TimeProvider.System);
        byte[] data = [0];
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int register = 0; register < 0x80; register++)
            {
                data[0] = (byte)register;
                clock.Write(0, data);
                clock.Read(1, data);
                clock.Write(1, data);
            }
        }));
    }

    private byte[] TimeRegisters() => [.. new byte[] { 0x00, 0x02, 0x04, 0x06, 0x07, 0x08, 0x09, 0x32 }.Select(In)];

    private byte In(byte register) => Read(_clock, register);

    private void Out(byte register, byte value) => Write(_clock, register, value);

    private static byte Read(CmosRtc clock, byte register)
    {
        byte[] data = [0];
        clock.Write(0, [register]);
        clock.Read(1, data);
        return data[0];
    }

    private static void Write(CmosRtc clock, byte register, byte value)
    {
        clock.Write(0, [register]);
        clock.Write(1, [value]);
    }
}
