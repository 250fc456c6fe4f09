using System.Diagnostics.CodeAnalysis;

namespace StratoVirt.Control.Commands;

/// <summary>Things of the host that clients have named for devices to come, and which device uses which. They are opened
/// with the device; here they are words.</summary>
/// <typeparam name="T">What is known of one.</typeparam>
internal sealed class BackendTable<T>
    where T : class
{
    /// <summary>More would only be memory: a machine has fewer slots.</summary>
    public const int MaxEntries = 256;

    private readonly Dictionary<string, (T Options, string? User)> _entries = new(StringComparer.Ordinal);

    /// <summary>All of them: name, what is known, and who uses it.</summary>
    public IEnumerable<(string Name, T Options, string? User)> Entries =>
        _entries.Select(entry => (entry.Key, entry.Value.Options, entry.Value.User));

    /// <summary>Adds one; false when the name is taken or there are too many.</summary>
    public bool TryAdd(string name, T options) => _entries.Count < MaxEntries && _entries.TryAdd(name, (options, null));

    /// <summary>Finds one.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out T? options, out string? user)
    {
        bool isThere = _entries.TryGetValue(name, out (T Options, string? User) entry);
        (options, user) = entry;
        return isThere;
    }

    /// <summary>The name of what a device or another thing uses; null when it uses none.</summary>
    public string? UsedBy(string user) =>
        _entries.FirstOrDefault(entry => string.Equals(entry.Value.User, user, StringComparison.OrdinalIgnoreCase)).Key;

    /// <summary>Notes who uses one.</summary>
    public void Take(string name, string user) => _entries[name] = (_entries[name].Options, user);

    /// <summary>Notes that somebody uses none any more.</summary>
    public void Release(string user)
    {
        while (UsedBy(user) is { } name)
        {
            _entries[name] = (_entries[name].Options, null);
        }
    }

    /// <summary>Forgets one.</summary>
    public void Remove(string name) => _entries.Remove(name);
}
