using System.Text.Json.Serialization.Metadata;

namespace StratoVirt.Qmp.Commands;

/// <summary>An event: its name and the record it carries.</summary>
public abstract class QmpEvent
{
    private protected QmpEvent(string name) => Name = name;

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it carries.</summary>
    public abstract JsonTypeInfo DataShape { get; }
}

/// <summary>An event with its record as a type.</summary>
/// <typeparam name="T">What it carries; <see cref="QmpNothing"/> for none.</typeparam>
/// <param name="name">Its name.</param>
/// <param name="data">Finds the data's shape, when it is needed.</param>
public sealed class QmpEvent<T>(string name, Func<JsonTypeInfo<T>> data) : QmpEvent(name)
{
    /// <summary>What it carries.</summary>
    public JsonTypeInfo<T> Data => data();

    /// <inheritdoc/>
    public override JsonTypeInfo DataShape => Data;
}
