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

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public IEnumerable<Entry> Entries => _entries.Values;

    /// <summary>Adds one; false when the name is taken or there are too many.</summary>
    public bool TryAdd(string name, T options) => _entries.Count < MaxEntries && _entries.TryAdd(name, new Entry(name, options));

    /// <summary>Finds one.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out T? options, out string? user)
    {
        bool isThere = _entries.TryGetValue(name, out Entry? entry);
        (options, user) = (entry?.Options, entry?.User);
        return isThere;
    }

    /// <summary>The name of what a device or another thing uses; null when it uses none.</summary>
    public string? UsedBy(string user)
    {
        foreach (Entry entry in _entries.Values)
        {
            if (string.Equals(entry.User, user, StringComparison.OrdinalIgnoreCase))
            {
                return entry.Name;
            }
        }

        return null;
    }

    /// <summary>Notes who uses one.</summary>
    public void Take(string name, string user) => _entries[name].User = user;

    /// <summary>Notes that somebody uses none any more.</summary>
    public void Release(string user)
    {
        while (UsedBy(user) is { } name)
        {
            _entries[name].User = null;
        }
    }

    /// <summary>Forgets one.</summary>
    public void Remove(string name) => _entries.Remove(name);

    /// <summary>One of them.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">What is known of it.</param>
    internal sealed class Entry(string name, T options)
    {
        /// <summary>Its name.</summary>
        public string Name => name;

        /// <summary>What is known of it.</summary>
        public T Options => options;

        /// <summary>Who uses it; null when nobody does.</summary>
        public string? User { get; set; }
    }
}
