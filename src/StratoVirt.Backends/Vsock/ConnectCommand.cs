namespace StratoVirt.Backends.Vsock;

/// <summary>How far a <see cref="ConnectCommand"/> has come.</summary>
public enum ConnectProgress
{
    /// <summary>More bytes must come.</summary>
    More,

    /// <summary>The command is whole; what follows it belongs to the connection.</summary>
    Complete,

    /// <summary>It is no such command.</summary>
    Invalid,
}

/// <summary>Reads <c>CONNECT PORT\n</c>, byte by byte, from a process that wants to reach a port of the guest. The
/// answer, when the guest accepts, is <c>OK PORT\n</c> with the port that stands for that process.</summary>
public struct ConnectCommand
{
    private static ReadOnlySpan<byte> Verb => "CONNECT "u8;

    private int _length;
    private ulong _port;

    /// <summary>The port of the guest, once the command is whole.</summary>
    public readonly uint Port => (uint)_port;

    /// <summary>Takes the next byte.</summary>
    public ConnectProgress Take(byte character)
    {
        int position = _length++;
        if (position < Verb.Length)
        {
            return character == Verb[position] ? ConnectProgress.More : ConnectProgress.Invalid;
        }

        if (character == (byte)'\n')
        {
            return position > Verb.Length ? ConnectProgress.Complete : ConnectProgress.Invalid;
        }

        if (!char.IsAsciiDigit((char)character))
        {
            return ConnectProgress.Invalid;
        }

        // A port that outgrows 32 bits ends the command, and leading zeros must end too.
        const int MostDigits = 10;
        _port = (_port * 10) + (uint)(character - '0');
        return _port <= uint.MaxValue && position < Verb.Length + MostDigits ? ConnectProgress.More : ConnectProgress.Invalid;
    }
}
