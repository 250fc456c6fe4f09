namespace StratoVirt.PowerShell.Consoles;

/// <summary>What a guest has printed, by absolute position in its whole output.</summary>
internal interface IConsoleHistory
{
    /// <summary>Bytes printed in all.</summary>
    long Written { get; }

    /// <summary>Copies from a position, which moves up to the oldest byte kept and then behind the bytes returned.</summary>
    /// <returns>Bytes copied; 0 when there is nothing.</returns>
    int Read(ref long position, Span<byte> destination);
}
