namespace StratoVirt.Guests;

/// <summary>The boot marks these guests write.</summary>
public static class BootMarkCode
{
    /// <summary>The guest runs.</summary>
    public const byte Entered = 0x01;

    /// <summary>The guest has done what it is for: the prompt is out, the loop is over.</summary>
    public const byte Ready = 0x02;

    /// <summary>The user asked for a mark.</summary>
    public const byte Requested = 0x4D;
}
