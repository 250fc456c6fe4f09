namespace StratoVirt.Qmp.Framing;

/// <summary>What one connection may cost.</summary>
public static class QmpLimits
{
    /// <summary>Bytes of one command. The longest there is types 32 KiB on a console, in base64.</summary>
    public const int MaxCommand = 64 << 10;

    /// <summary>Objects and arrays inside each other in a command.</summary>
    public const int MaxCommandDepth = 32;

    /// <summary>Bytes that wait for a client to read them: a client that lets more pile up is cut off.</summary>
    public const int MaxUnread = 256 << 10;

    /// <summary>Bytes waiting for the client from which on no further command of his is carried out.</summary>
    public const int HoldBackUnread = 32 << 10;

    /// <summary>Bytes of one answer, as clients of ours take it.</summary>
    public const int MaxAnswer = 16 << 20;

    /// <summary>Objects and arrays inside each other in an answer.</summary>
    public const int MaxAnswerDepth = 128;
}
