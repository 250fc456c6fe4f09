using System.Text.Json.Serialization.Metadata;

namespace StratoVirt.Qmp.Commands;

/// <summary>A command: its name and the records it takes and gives, which both ends and the schema go by.</summary>
public abstract class QmpCommand
{
    private protected QmpCommand(string name) => Name = name;

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it takes.</summary>
    public abstract JsonTypeInfo ArgumentShape { get; }

    /// <summary>What it gives.</summary>
    public abstract JsonTypeInfo ResultShape { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A command with its records as types.</summary>
/// <typeparam name="TArguments">What it takes; <see cref="QmpNothing"/> for none.</typeparam>
/// <typeparam name="TResult">What it gives; <see cref="QmpNothing"/> for none.</typeparam>
/// <param name="name">Its name.</param>
/// <param name="arguments">Finds the arguments' shape, when it is needed.</param>
/// <param name="result">Finds the result's shape, when it is needed.</param>
public sealed class QmpCommand<TArguments, TResult>(
    string name, Func<JsonTypeInfo<TArguments>> arguments, Func<JsonTypeInfo<TResult>> result) : QmpCommand(name)
{
    /// <summary>What it takes.</summary>
    public JsonTypeInfo<TArguments> Arguments => arguments();

    /// <summary>What it gives.</summary>
    public JsonTypeInfo<TResult> Result => result();

    /// <inheritdoc/>
    public override JsonTypeInfo ArgumentShape => Arguments;

    /// <inheritdoc/>
    public override JsonTypeInfo ResultShape => Result;
}
