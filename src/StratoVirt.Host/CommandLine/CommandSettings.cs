using StratoVirt.Definitions;

namespace StratoVirt.Host.CommandLine;

/// <summary>What the options have said so far. Parts of devices come in any order and are put together at the end.</summary>
internal sealed class CommandSettings
{
    /// <summary>Print the help and end.</summary>
    public bool Help { get; set; }

    /// <summary>Print the version and end.</summary>
    public bool Version { get; set; }

    /// <summary>Name of the machine.</summary>
    public string? Name { get; set; }

    /// <summary>vCPUs.</summary>
    public int Cpus { get; set; } = 1;

    /// <summary>Guest RAM.</summary>
    public ByteSize Memory { get; set; } = ByteSize.FromMebibytes(256);

    /// <summary>Path of the kernel.</summary>
    public string? Kernel { get; set; }

    /// <summary>Path of the initrd.</summary>
    public string? Initrd { get; set; }

    /// <summary>Kernel command line.</summary>
    public string? Append { get; set; }

    /// <summary>Start with the vCPUs held.</summary>
    public bool Frozen { get; set; }

    /// <summary>Go on in the background when the machine runs.</summary>
    public bool Daemonize { get; set; }

    /// <summary>Where the process id is written.</summary>
    public string? PidFile { get; set; }

    /// <summary>Where the process's log goes; null is standard error.</summary>
    public string? LogFile { get; set; }

    /// <summary>Run without system call filters.</summary>
    public bool DisableSeccomp { get; set; }

    /// <summary>Where the serial port leads; null drops what it prints.</summary>
    public KeyedText? Serial { get; set; }

    /// <summary>Control sockets asked for, as <c>unix:PATH</c>.</summary>
    public List<string> ControlSockets { get; } = [];

    /// <summary>By id, each with its kind in front: <c>-chardev</c>, <c>-drive</c>, <c>-netdev</c>, <c>-object</c>.</summary>
    public Dictionary<(string Family, string Id), KeyedText> Parts { get; } = [];

    /// <summary>Arguments of <c>-device</c>, in their order.</summary>
    public List<KeyedText> Devices { get; } = [];

    /// <summary>Monitors that lead to a chardev: <c>-mon</c>.</summary>
    public List<KeyedText> Monitors { get; } = [];

    /// <summary>Adds a part that a device refers to by its id.</summary>
    public void AddPart(string family, KeyedText text)
    {
        string id = text.Require("id");
        if (!Parts.TryAdd((family, id), text))
        {
            throw text.Fault($"there is another with id '{id}'.");
        }
    }

    /// <summary>Takes a part out: it belongs to one device.</summary>
    public KeyedText TakePart(KeyedText user, string key, string family)
    {
        string id = user.Require(key);
        return Parts.Remove((family, id), out KeyedText? part)
            ? part
            : throw user.Fault($"there is no -{family} '{id}', or something else uses it"
                + KeyedText.Nearest(id, Parts.Keys.Where(other => other.Family == family).Select(other => other.Id)));
    }
}
