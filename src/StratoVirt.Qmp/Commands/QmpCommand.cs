using System.Text.Json;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>A command: its name and the records it takes and gives, which both ends and the schema go by.</summary>
public abstract class QmpCommand
{
    private protected QmpCommand(string name, Shape arguments, Shape result)
    {
        Name = name;
        Arguments = arguments;
        Result = result;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    internal Shape Arguments { get; }

    internal Shape Result { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A command with its records as types.</summary>
/// <typeparam name="TArguments">What it takes; <see cref="QmpNothing"/> for none.</typeparam>
/// <typeparam name="TResult">What it gives; <see cref="QmpNothing"/> for none.</typeparam>
public sealed class QmpCommand<TArguments, TResult> : QmpCommand
{
    internal QmpCommand(string name, Shape<TArguments> arguments, Shape<TResult> result)
        : base(name, arguments.Untyped, result.Untyped)
    {
    }

    /// <summary>Reads what a server returned. There may be more in it than is known here.</summary>
    /// <exception cref="InvalidDataException">It is no result of this command.</exception>
    public TResult ReadResult(JsonElement result)
    {
        try
        {
            return (TResult)Result.ReadResult(result);
        }
        catch (QmpException unfit)
        {
            throw new InvalidDataException($"The server said something that is no result of '{Name}'.", unfit);
        }
    }

    internal TArguments ReadArguments(JsonElement arguments) => (TArguments)Arguments.ReadArguments(arguments);
}
