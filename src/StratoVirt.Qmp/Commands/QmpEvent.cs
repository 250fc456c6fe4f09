using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>An event: its name and the record it carries.</summary>
public abstract class QmpEvent
{
    private protected QmpEvent(string name, Shape data)
    {
        Name = name;
        Data = data;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    internal Shape Data { get; }
}

/// <summary>An event with its record as a type.</summary>
/// <typeparam name="T">What it carries; <see cref="QmpNothing"/> for none.</typeparam>
public sealed class QmpEvent<T> : QmpEvent
{
    internal QmpEvent(string name, Shape<T> data)
        : base(name, data.Untyped)
    {
    }
}
