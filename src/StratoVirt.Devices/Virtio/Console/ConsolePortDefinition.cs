using System.Text;
using StratoVirt.Backends.Char;

namespace StratoVirt.Devices.Virtio.Console;

/// <summary>A port to be.</summary>
public sealed record ConsolePortDefinition
{
    /// <summary>Bytes of UTF-8 a name may have; the guest makes a file of that name.</summary>
    public const int LongestName = 255;

    /// <summary>Its host end; the device's from the moment the port is there.</summary>
    public required ICharChannel Channel { get; init; }

    /// <summary>Whether it is a terminal (<c>/dev/hvcN</c>) or a plain port (<c>/dev/vportNpM</c>). A terminal never
    /// waits for its host end: what that does not take is lost, and counted, because a Linux guest spins, holding a
    /// lock, until its console has taken a line.</summary>
    public bool IsConsole { get; init; }

    /// <summary>Its name in the guest (<c>/dev/virtio-ports/NAME</c>); empty for none.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Its number; null for the lowest that is free. Port 0 is a console's, for guests that know no other.</summary>
    public int? Number { get; init; }

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Channel);
        ArgumentNullException.ThrowIfNull(Name);
        if (Encoding.UTF8.GetByteCount(Name) > LongestName || Name.AsSpan().ContainsAny('\0', '/'))
        {
            throw new ArgumentException($"The name of a console port has at most {LongestName} bytes and no slash.", nameof(Name));
        }

        if (Number == 0 && !IsConsole)
        {
            throw new ArgumentException("Port 0 is kept for a console.", nameof(Number));
        }
    }
}
