using System.Text.Json;
using StratoVirt.Qmp.Messages;

namespace StratoVirt.Qmp.Shapes;

/// <summary>Where in a message a value is, and what is wrong with it there, worded as QEMU does.</summary>
/// <param name="path">From the command's arguments on; empty for these themselves.</param>
/// <param name="isStrict">Whether members that nobody knows are wrong. A client's are; a server may be newer than we.</param>
internal readonly struct Place(string path, bool isStrict)
{
    /// <summary>Whether members that nobody knows are wrong.</summary>
    public bool IsStrict => isStrict;

    /// <summary>A member of this object.</summary>
    public Place Member(string name) => new(path.Length == 0 ? name : $"{path}.{name}", isStrict);

    /// <summary>An item of this list.</summary>
    public Place Item(int index) => new($"{path}[{index}]", isStrict);

    /// <summary>Refuses a value of another kind.</summary>
    public void Require(JsonElement value, JsonValueKind kind, string expected)
    {
        if (value.ValueKind != kind)
        {
            throw WrongType(expected);
        }
    }

    /// <summary>The text here.</summary>
    public string TextOf(JsonElement value)
    {
        Require(value, JsonValueKind.String, "string");
        return value.GetString()!;
    }

    /// <summary>It is not there.</summary>
    public QmpException Missing() => QmpException.Generic($"Parameter '{path}' is missing");

    /// <summary>Nobody knows one of its members.</summary>
    public QmpException Unexpected(string member) => QmpException.Generic($"Parameter '{(path.Length == 0 ? member : $"{path}.{member}")}' is unexpected");

    /// <summary>It is of another kind.</summary>
    public QmpException WrongType(string expected) => QmpException.Generic($"Invalid parameter type for '{path}', expected: {expected}");

    /// <summary>It is none of the words.</summary>
    public QmpException WrongValue(string word) => QmpException.Generic($"Parameter '{path}' does not accept value '{word}'");

    /// <summary>It is of the right kind, and still cannot be: a number too large, a text that holds something else.</summary>
    public QmpException Unfit() => QmpException.Generic($"Parameter '{path}' has a value that cannot be");
}
