using System.Globalization;
using StratoVirt.Linux;
using StratoVirt.Linux.Containment.Jail;

namespace StratoVirt.Machine.Jail;

/// <summary>
/// What a jail has on the host beside its process: the directory that its root is made over, and a control group. Who is
/// inside cannot take them away; whoever finds his lease free does, and the directory tells him that there is a jail's.
/// Used by the holder of the machine's lease alone.
/// </summary>
public sealed class JailPlace
{
    private const string Name = "jail";
    private const string Groups = "stratovirt";

    private readonly string _machine;

    /// <summary>The place of a machine.</summary>
    /// <param name="directory">The machine's runtime directory.</param>
    public JailPlace(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _machine = directory;
        User = JailUser.Of(directory);
    }

    /// <summary>An empty directory.</summary>
    public string Directory => Path.Combine(_machine, Name);

    /// <summary>Whether a jail was made here and not taken away.</summary>
    public bool Exists => System.IO.Directory.Exists(Directory);

    /// <summary>The user and group that the machine runs as, and nobody else does.</summary>
    public uint User { get; }

    // Two runtime directories may hold machines of one name.
    private string Group => string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(_machine)}-{User:x}");

    /// <summary>Makes the directory.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Create() => System.IO.Directory.CreateDirectory(Directory);

    /// <summary>Makes or finds the group; null where the host has none of version 2.</summary>
    public ControlGroup? CreateGroup() => ControlGroup.TryCreate(Groups, Group);

    /// <summary>Takes group and directory away. While a process is in the group both stay, for the next to find.</summary>
    public void Remove()
    {
        if (Exists && ControlGroup.TryRemove(Groups, Group))
        {
            _ = FileNames.TryDeleteDirectory(Directory);
        }
    }
}
