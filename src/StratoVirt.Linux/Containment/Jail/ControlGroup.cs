using System.Globalization;

namespace StratoVirt.Linux.Containment.Jail;

/// <summary>A control group (version 2) with limits. Where the host gives version 2 no controllers, as hosts do that
/// still use version 1, it groups and does not limit.</summary>
public sealed class ControlGroup
{
    private static readonly string[] Roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

    private readonly string _path;

    private ControlGroup(string path) => _path = path;

    /// <summary>Makes or finds a group; null where version 2 is not mounted or may not be changed.</summary>
    /// <param name="parent">A group of groups, made too.</param>
    /// <param name="name">Its name.</param>
    public static ControlGroup? TryCreate(string parent, string name)
    {
        if (FindRoot() is not { } root)
        {
            return null;
        }

        try
        {
            string above = Path.Combine(root, parent);
            Directory.CreateDirectory(above);
            foreach (string group in (string[])[root, above])
            {
                Delegate(group);
            }

            return new ControlGroup(Directory.CreateDirectory(Path.Combine(above, name)).FullName);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Sets a limit; false where the host does not have it.</summary>
    /// <param name="file">The limit's file: <c>memory.max</c>, <c>pids.max</c>.</param>
    /// <param name="value">What to write.</param>
    public bool TryLimit(string file, ulong value)
    {
        string path = Path.Combine(_path, file);
        if (!File.Exists(path))
        {
            return false;
        }

        File.WriteAllText(path, value.ToString(CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Moves a process in, with all its threads.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public void Add(int process) =>
        File.WriteAllText(Path.Combine(_path, "cgroup.procs"), process.ToString(CultureInfo.InvariantCulture));

    /// <summary>Takes a group away, if there is one.</summary>
    /// <returns>False while a process is in it, or where it may not be changed.</returns>
    public static bool TryRemove(string parent, string name)
    {
        try
        {
            _ = FindRoot() is { } root && FileNames.TryDeleteDirectory(Path.Combine(root, parent, name));
            return true;
        }
        catch (LinuxException)
        {
            return false;
        }
    }

    private static string? FindRoot() => Roots.FirstOrDefault(root => File.Exists(Path.Combine(root, "cgroup.controllers")));

    // A controller that is not there, or is used by version 1, is not given on; that is no reason to go without the rest.
    private static void Delegate(string group)
    {
        string given = File.ReadAllText(Path.Combine(group, "cgroup.controllers"));
        foreach (string controller in (string[])["memory", "pids", "cpu"])
        {
            if (given.Split(' ', '\n').Contains(controller))
            {
                File.WriteAllText(Path.Combine(group, "cgroup.subtree_control"), $"+{controller}");
            }
        }
    }
}
