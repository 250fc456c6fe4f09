using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Terminals;

/// <summary>A terminal, by its own descriptor: settings that this changes are the terminal's, whoever else has it open.</summary>
public sealed class Terminal : IDisposable
{
    /// <summary>The terminal of this session, whatever its standard streams are turned to.</summary>
    public const string Controlling = "/dev/tty";

    private const ulong InputToken = 1;

    private readonly FileDescriptor _device;
    private readonly Epoll _epoll;

    private Terminal(FileDescriptor device, Epoll epoll)
    {
        _device = device;
        _epoll = epoll;
    }

    /// <summary>Opens a terminal; null when there is none, or what is there is no terminal.</summary>
    public static Terminal? TryOpen(string path = Controlling)
    {
        FileDescriptor? device = FileDescriptor.TryOpen(path, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal, 0, out _);
        if (device is null)
        {
            return null;
        }

        Epoll? epoll = null;
        try
        {
            epoll = Epoll.Create();
            var settings = default(termios);
            if (LibC.ioctl(device, LibC.TCGETS, ref settings) == 0)
            {
                epoll.Add(device, EpollEvents.In, InputToken);
                var terminal = new Terminal(device, epoll);
                epoll = null;
                device = null;
                return terminal;
            }

            return null;
        }
        finally
        {
            epoll?.Dispose();
            device?.Dispose();
        }
    }

    /// <summary>Columns and rows; zeros when the terminal does not know.</summary>
    public (ushort Columns, ushort Rows) Size
    {
        get
        {
            var size = default(winsize);
            return LibC.ioctl(_device, LibC.TIOCGWINSZ, ref size) == 0 ? (size.ws_col, size.ws_row) : default;
        }
    }

    /// <summary>Passes every key through as it is typed, and every byte out as it is written, until disposed: no echo, no
    /// line editing, no signals from keys (as cfmakeraw(3)).</summary>
    /// <exception cref="LinuxException">The terminal is gone.</exception>
    public RawMode EnterRawMode()
    {
        var settings = default(termios);
        if (LibC.ioctl(_device, LibC.TCGETS, ref settings) < 0)
        {
            throw LinuxException.Last("ioctl TCGETS");
        }

        termios raw = settings;
        raw.c_iflag &= ~(LibC.IGNBRK | LibC.BRKINT | LibC.PARMRK | LibC.ISTRIP | LibC.INLCR | LibC.IGNCR | LibC.ICRNL | LibC.IXON);
        raw.c_oflag &= ~LibC.OPOST;
        raw.c_lflag &= ~(LibC.ECHO | LibC.ECHONL | LibC.ICANON | LibC.ISIG | LibC.IEXTEN);
        raw.c_cflag = (raw.c_cflag & ~(LibC.CSIZE | LibC.PARENB)) | LibC.CS8;
        raw.c_cc[LibC.VMIN] = 1;
        raw.c_cc[LibC.VTIME] = 0;
        return LibC.ioctl(_device, LibC.TCSETS, ref raw) == 0
            ? new RawMode(_device, settings)
            : throw LinuxException.Last("ioctl TCSETS");
    }

    /// <summary>Waits for keys and takes them.</summary>
    /// <param name="buffer">Filled from the start.</param>
    /// <param name="timeoutMs">How long to wait, in milliseconds.</param>
    /// <returns>Bytes typed; 0 when the time passed, -1 when the terminal is gone.</returns>
    public int Read(Span<byte> buffer, int timeoutMs)
    {
        Span<EpollEvent> ready = stackalloc EpollEvent[1];
        if (_epoll.Wait(ready, timeoutMs) == 0)
        {
            return 0;
        }

        Errno errno = _device.Read(buffer, out int count);
        return errno == Errno.Again ? 0 : errno != Errno.None || count == 0 ? -1 : count;
    }

    /// <summary>Writes to the terminal.</summary>
    public Errno Write(ReadOnlySpan<byte> data) => _device.WriteAll(data);

    /// <summary>Closes the descriptor. The terminal keeps its settings.</summary>
    public void Dispose()
    {
        _epoll.Dispose();
        _device.Dispose();
    }
}
