using System.Globalization;
using System.Text.Json;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;

namespace StratoVirt.Control.Commands;

/// <summary>What <c>device_add</c> was told, read as drivers' properties are: booleans may be written <c>on</c> and
/// <c>off</c>, numbers as text.</summary>
/// <param name="driver">The driver, as it was written.</param>
/// <param name="name">The device's id.</param>
/// <param name="given">Everything beside driver, id and bus.</param>
/// <param name="context">The machine.</param>
internal sealed class DriverArguments(
    string driver, string name, IReadOnlyDictionary<string, JsonElement> given, ControlContext context)
{
    /// <summary>The device's id.</summary>
    public string Name => name;

    /// <summary>The machine.</summary>
    public ControlContext Context => context;

    /// <summary>Refuses properties that the driver does not have.</summary>
    /// <exception cref="QmpException">There is one.</exception>
    public void Check(IEnumerable<ObjectPropertyInfo> known)
    {
        foreach (string property in given.Keys)
        {
            if (!known.Any(info => info.Name == property))
            {
                throw QmpException.Generic($"Property '{driver}.{property}' not found");
            }
        }
    }

    /// <summary>Text, or null.</summary>
    public string? Text(string property) => !given.TryGetValue(property, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw WrongType(property, "string");

    /// <summary>A boolean, or null.</summary>
    public bool? Flag(string property) => !given.TryGetValue(property, out JsonElement value) ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when value.ValueEquals("on"u8) => true,
        JsonValueKind.String when value.ValueEquals("off"u8) => false,
        _ => throw WrongType(property, "boolean"),
    };

    /// <summary>A whole number, not negative, or null.</summary>
    public long? Number(string property)
    {
        if (!given.TryGetValue(property, out JsonElement value))
        {
            return null;
        }

        bool isNumber = value.ValueKind == JsonValueKind.Number
            ? value.TryGetInt64(out long number)
            : long.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString() : null, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return isNumber && number >= 0 ? number : throw WrongType(property, "integer");
    }

    /// <summary>A whole number that an <see cref="int"/> can hold, not negative, or null.</summary>
    public int? Count(string property) => Number(property) is not { } number ? null
        : number <= int.MaxValue ? (int)number
        : throw WrongType(property, "integer");

    /// <summary>Names something of the host, by the property or, as StratoVirt does, by the device's own id.</summary>
    public string Backend(string property) => Text(property) ?? name;

    /// <summary>Finds what a property names and notes that this device takes it.</summary>
    /// <exception cref="QmpException">It is not there, or another device has it.</exception>
    public T Take<T>(BackendTable<T> table, string property)
        where T : class
    {
        string wanted = Backend(property);
        if (!table.TryFind(wanted, out T? found, out string? user))
        {
            throw Text(property) is null
                ? QmpException.Generic($"Parameter '{property}' is missing")
                : QmpException.Generic($"Property '{driver}.{property}' can't find value '{wanted}'");
        }

        if (user is not null)
        {
            throw QmpException.Generic($"Property '{driver}.{property}' can't take value '{wanted}', it's in use");
        }

        table.Take(wanted, name);
        return found;
    }

    private static QmpException WrongType(string property, string expected) =>
        QmpException.Generic($"Invalid parameter type for '{property}', expected: {expected}");
}
