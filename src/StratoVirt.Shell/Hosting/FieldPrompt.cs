using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace StratoVirt.Shell.Hosting;

/// <summary>Asks for values by name, as the engine does for mandatory parameters that were not given.</summary>
internal sealed class FieldPrompt(ShellUserInterface ui)
{
    // An array is ended by an empty line; this ends one that standard input keeps filling.
    private const int MaxElements = 4096;

    /// <exception cref="HostException">The session cannot ask, or the input ended before the answer.</exception>
    public Dictionary<string, PSObject> Ask(string? caption, string? message, Collection<FieldDescription> descriptions)
    {
        ui.Input.Demand();
        Introduce(caption, message);
        var answers = new Dictionary<string, PSObject>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in descriptions)
            answers[field.Name] = PSObject.AsPSObject(AskField(field));
        return answers;
    }

    public PSCredential AskCredential(string? caption, string? message, string? userName)
    {
        ui.Input.Demand();
        Introduce(caption, message);
        if (string.IsNullOrEmpty(userName))
            userName = Line("User: ");
        return new PSCredential(userName, ui.Input.ReadSecret($"Password for user {userName}: "));
    }

    private object AskField(FieldDescription field)
    {
        var type = TypeOf(field);
        if (type == typeof(SecureString))
            return ui.Input.ReadSecret($"{field.Name}: ");
        if (type == typeof(PSCredential))
            return AskCredential(null, null, null);
        return type.IsArray ? AskArray(field.Name, type.GetElementType()!) : AskValue($"{field.Name}: ", type);
    }

    private object[] AskArray(string name, Type element)
    {
        var values = new List<object>();
        while (values.Count < MaxElements)
        {
            string label = $"{name}[{values.Count}]: ";
            string line = Line(label);
            if (line.Length == 0)
                break;
            if (TryConvert(line, element, out object? value))
                values.Add(value);
        }
        return [.. values];
    }

    private object AskValue(string label, Type type)
    {
        while (true)
        {
            if (TryConvert(Line(label), type, out object? value))
                return value;
        }
    }

    private bool TryConvert(string line, Type type, out object value)
    {
        if (LanguagePrimitives.TryConvertTo(line, type, out value) && value is not null)
            return true;
        ui.WriteErrorLine($"'{line}' is not a valid {type.Name}.");
        value = line;
        return false;
    }

    private string Line(string label) => ui.Input.Read(label)
        ?? throw new HostException($"The input ended before the answer to '{label.TrimEnd(' ', ':')}'.");

    private void Introduce(string? caption, string? message)
    {
        if (!string.IsNullOrEmpty(caption))
            ui.WriteLine(caption);
        if (!string.IsNullOrEmpty(message))
            ui.WriteLine(message);
    }

    private static Type TypeOf(FieldDescription field) =>
        LanguagePrimitives.TryConvertTo<Type>(field.ParameterAssemblyFullName is null ? field.ParameterTypeName
            : field.ParameterTypeFullName, out var type) ? type : typeof(string);
}
