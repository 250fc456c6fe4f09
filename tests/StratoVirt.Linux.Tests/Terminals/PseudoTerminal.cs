using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests.Terminals;

/// <summary>The two ends of a pseudo-terminal: what a person types and sees, and the terminal a program opens.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    // asm-generic/ioctls.h
    private const uint TIOCGPTN = 0x80045430;
    private const uint TIOCSPTLCK = 0x40045431;

    private readonly FileDescriptor _person = FileDescriptor.Open(
        "/dev/ptmx", OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal | OpenFlags.NonBlocking);

    public PseudoTerminal()
    {
        int unlocked = 0;
        Assert.Equal(0, LibC.ioctl(_person, TIOCSPTLCK, in unlocked));
        // The kernel puts the number there.
        int number = 0;
        Assert.Equal(0, LibC.ioctl(_person, TIOCGPTN, in number));
        Path = $"/dev/pts/{number}";
    }

    public string Path { get; }

    public void Type(string keys) => Assert.Equal(Errno.None, _person.WriteAll(System.Text.Encoding.UTF8.GetBytes(keys)));

    public void Resize(ushort columns, ushort rows)
    {
        var size = new winsize { ws_col = columns, ws_row = rows };
        Assert.Equal(0, LibC.ioctl(_person, LibC.TIOCSWINSZ, ref size));
    }

    /// <summary>What comes within a time; the kernel carries it over by a work queue of its own.</summary>
    public string Seen(int timeoutMs)
    {
        using Epoll epoll = Epoll.Create();
        epoll.Add(_person, EpollEvents.In, 0);
        byte[] buffer = new byte[1024];
        return epoll.Wait(new EpollEvent[1], timeoutMs) > 0 && _person.Read(buffer, out int count) == Errno.None
            ? System.Text.Encoding.UTF8.GetString(buffer, 0, count)
            : "";
    }

    public void HangUp() => _person.Dispose();

    public void Dispose() => _person.Dispose();
}
