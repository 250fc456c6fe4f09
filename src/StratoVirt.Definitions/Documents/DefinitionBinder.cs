using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Json;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Documents;

/// <summary>
/// Turns a document into a definition. It goes through document and records side by side, finds all that does not fit,
/// fills in defaults, and then has the rules check what was read; every finding gets its place in the document.
/// </summary>
internal sealed class DefinitionBinder
{
    /// <summary>A document with more faults than this is not going to be mended from the list.</summary>
    private const int MaxDiagnostics = 50;

    private readonly List<Diagnostic> _diagnostics = [];
    private readonly Dictionary<string, DocumentNode> _nodes = [];

    private DefinitionBinder()
    {
    }

    /// <summary>Reads a document.</summary>
    /// <param name="root">The document.</param>
    /// <param name="fileName">Its name, for messages.</param>
    /// <param name="onWarning">Is handed what does not stop the definition from being used.</param>
    /// <exception cref="DefinitionException">It is not a valid definition.</exception>
    internal static VmDefinition Bind(DocumentNode root, string? fileName, Action<Diagnostic>? onWarning)
    {
        var binder = new DefinitionBinder();
        VmDefinition? definition = binder.BindDocument(root);
        ImmutableArray<Diagnostic> errors =
        [
            .. binder._diagnostics
                .Where(d => d.Severity == DiagnosticSeverity.Error)
                .OrderBy(d => d.Line).ThenBy(d => d.Column),
        ];
        if (definition is null || !errors.IsEmpty)
        {
            throw new DefinitionException(errors, fileName);
        }

        foreach (Diagnostic warning in binder._diagnostics)
        {
            onWarning?.Invoke(warning);
        }

        return definition;
    }

    private VmDefinition? BindDocument(DocumentNode root)
    {
        if (root is not MappingNode mapping)
        {
            Report(
                DiagnosticId.WrongType,
                DefinitionPath.Root,
                $"A definition is a mapping that begins with 'apiVersion', not {Describe(root)}.",
                root);
            return null;
        }

        // A document of another version is not judged by the rules of this one.
        if (IsForeign(mapping, "apiVersion", VmDefinition.CurrentApiVersion, DiagnosticId.UnsupportedApiVersion)
            || IsForeign(mapping, "kind", VmDefinition.CurrentKind, DiagnosticId.UnsupportedKind))
        {
            return null;
        }

        JsonObject? json = BindMapping(mapping, DefinitionShape.Root, DefinitionPath.Root);
        if (json is null)
        {
            return null;
        }

        VmDefinition definition = json.Deserialize(DefinitionJsonContext.Default.VmDefinition)!;
        AddRuleFindings(DefinitionValidator.Validate(definition));
        return definition;
    }

    private bool IsForeign(MappingNode document, string key, string expected, DiagnosticId id)
    {
        foreach (MappingEntry entry in document.Entries)
        {
            bool isKey = entry.Key.Text == key;
            if (isKey && entry.Value is ScalarNode scalar && !ScalarReader.IsNull(scalar) && scalar.Text != expected)
            {
                string message = $"'{key}' is {QuotedText.Quote(scalar.Text)}; this build reads '{expected}'.";
                Report(id, "$." + key, message, scalar, expected);
                return true;
            }
        }

        return false;
    }

    /// <summary>The mapping as JSON with defaults filled in; null when a key it has to have is missing or wrong.</summary>
    private JsonObject? BindMapping(MappingNode mapping, JsonTypeInfo type, string path)
    {
        _nodes[path] = mapping;
        var json = new JsonObject();
        var seen = new Dictionary<string, MappingEntry>();
        var suggested = new HashSet<string>();
        bool isComplete = true;
        foreach (MappingEntry entry in mapping.Entries)
        {
            if (_diagnostics.Count >= MaxDiagnostics)
            {
                return null;
            }

            JsonPropertyInfo? property = type.Properties.FirstOrDefault(p => p.Name == entry.Key.Text);
            if (property is null)
            {
                ReportUnknown(entry.Key, type, path, suggested);
            }
            else if (IsFirst(entry, path, seen))
            {
                string propertyPath = DefinitionPath.Append(path, property.Name);
                bool isBound = TryBind(entry.Value, property, propertyPath, out JsonNode? value);
                isComplete &= isBound || !property.IsRequired;
                json[property.Name] = isBound ? value : Default(type, property);
            }
        }

        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (seen.ContainsKey(property.Name))
            {
                continue;
            }

            json[property.Name] = Default(type, property);
            if (property.IsRequired)
            {
                isComplete = false;
                ReportMissing(mapping, path, property.Name, suggested.Contains(property.Name));
            }
        }

        return isComplete ? json : null;
    }

    private static JsonNode? Default(JsonTypeInfo type, JsonPropertyInfo property) =>
        property.IsRequired ? null : DefinitionDefaults.For(type.Type, property.Name);

    private bool IsFirst(MappingEntry entry, string path, Dictionary<string, MappingEntry> seen)
    {
        if (seen.TryAdd(entry.Key.Text, entry))
        {
            return true;
        }

        string keyPath = DefinitionPath.Append(path, entry.Key.Text);
        Report(
            DiagnosticId.DuplicateKey,
            keyPath,
            $"{DefinitionPath.Display(keyPath)} is given twice, first on line {seen[entry.Key.Text].Key.Line}: keep one.",
            entry.Key);
        return false;
    }

    private bool TryBind(DocumentNode node, JsonPropertyInfo property, string path, out JsonNode? value)
    {
        _nodes[path] = node;
        value = null;
        JsonTypeInfo type = DefinitionShape.TypeOf(property);
        ValueKind kind = DefinitionShape.KindOf(type);
        if (node is ScalarNode scalar && ScalarReader.IsNull(scalar))
        {
            if (!property.IsSetNullable)
            {
                Report(
                    DiagnosticId.WrongType,
                    path,
                    $"{DefinitionPath.Display(path)} has no value: give it {Expected(kind)}, or leave the key out.",
                    node);
            }

            return property.IsSetNullable;
        }

        bool takesScalar = kind is not (ValueKind.Mapping or ValueKind.Labels or ValueKind.List);
        switch (node)
        {
            case MappingNode mapping when kind == ValueKind.Mapping:
                return (value = BindMapping(mapping, type, path)) is not null;
            case MappingNode mapping when kind == ValueKind.Labels:
                value = BindLabels(mapping, path);
                return true;
            case SequenceNode sequence when kind == ValueKind.List:
                return TryBindList(sequence, DefinitionShape.ItemOf(type), path, out value);
            case ScalarNode text when takesScalar:
                return TryReadScalar(text, kind, type, path, out value);
            default:
                ReportWrong(node, path, Expected(kind));
                return false;
        }
    }

    private bool TryBindList(SequenceNode sequence, JsonTypeInfo type, string path, out JsonNode? value)
    {
        var list = new JsonArray();
        value = list;
        bool isComplete = true;
        for (int i = 0; i < sequence.Items.Count && _diagnostics.Count < MaxDiagnostics; i++)
        {
            string itemPath = $"{path}[{i}]";
            if (sequence.Items[i] is not MappingNode mapping)
            {
                ReportWrong(sequence.Items[i], itemPath, Expected(ValueKind.Mapping));
                isComplete = false;
            }
            else if (BindMapping(mapping, type, itemPath) is { } item)
            {
                list.Add((JsonNode)item);
            }
            else
            {
                isComplete = false;
            }
        }

        return isComplete;
    }

    private bool TryReadScalar(ScalarNode scalar, ValueKind kind, JsonTypeInfo type, string path, out JsonNode? value)
    {
        ScalarReader.Result result = kind switch
        {
            ValueKind.Boolean => ScalarReader.ReadBoolean(scalar),
            ValueKind.Integer => ScalarReader.ReadInteger(scalar),
            ValueKind.Size => ScalarReader.ReadSize(scalar),
            ValueKind.Word => ScalarReader.ReadWord(scalar, DefinitionShape.WordsOf(type)),
            _ => ScalarReader.ReadText(scalar),
        };
        value = result.Value;
        if (result.Fault is DiagnosticId fault)
        {
            Report(fault, path, $"{DefinitionPath.Display(path)} {result.Message}.", scalar, result.Suggestion);
        }

        return result.Fault is null;
    }

    private JsonObject BindLabels(MappingNode mapping, string path)
    {
        var labels = new JsonObject();
        var seen = new Dictionary<string, MappingEntry>();
        foreach (MappingEntry entry in mapping.Entries)
        {
            if (_diagnostics.Count >= MaxDiagnostics)
            {
                break;
            }

            string labelPath = DefinitionPath.Append(path, entry.Key.Text);
            if (UnicodeText.HasLoneSurrogate(entry.Key.Text))
            {
                Report(DiagnosticId.InvalidLabel, path, "A label's key contains something that is not valid Unicode.", entry.Key);
            }
            else if (IsFirst(entry, path, seen))
            {
                _nodes[labelPath] = entry.Value;
                if (entry.Value is not ScalarNode scalar || ScalarReader.IsNull(scalar))
                {
                    ReportWrong(entry.Value, labelPath, "text");
                }
                else if (TryReadScalar(scalar, ValueKind.Text, DefinitionShape.Root, labelPath, out JsonNode? text))
                {
                    labels[entry.Key.Text] = text;
                }
            }
        }

        return labels;
    }

    private void ReportWrong(DocumentNode node, string path, string expected) => Report(
        DiagnosticId.WrongType, path, $"{DefinitionPath.Display(path)} takes {expected}, not {Describe(node)}.", node);

    private void ReportUnknown(ScalarNode key, JsonTypeInfo type, string path, HashSet<string> suggested)
    {
        string? nearest = NearestWord.Find(key.Text, type.Properties.Select(p => p.Name));
        string? elsewhere = key.Text.Equals(nearest, StringComparison.OrdinalIgnoreCase)
            ? null
            : DefinitionShape.AllKeys().Where(k => k.Property.Name == key.Text).Select(k => k.Path).FirstOrDefault();
        string advice = (elsewhere, nearest) switch
        {
            (not null, _) => $"It belongs where '{elsewhere}' is.",
            (_, not null) => $"Did you mean '{nearest}'?",
            _ => $"Known there: {string.Join(", ", type.Properties.Select(p => p.Name))}.",
        };
        if (elsewhere is null && nearest is not null)
        {
            suggested.Add(nearest);
        }

        string place = path == DefinitionPath.Root ? "at the top" : $"in {DefinitionPath.Display(path)}";
        Report(
            DiagnosticId.UnknownKey,
            DefinitionPath.Append(path, key.Text),
            $"There is no key {QuotedText.Quote(key.Text)} {place}. {advice}",
            key,
            elsewhere ?? nearest);
    }

    private void ReportMissing(MappingNode mapping, string path, string name, bool isMisspelt)
    {
        if (isMisspelt)
        {
            return;
        }

        string key = path == DefinitionPath.Root ? name : $"{path[2..]}.{name}";
        string? line = name switch
        {
            "apiVersion" => $"apiVersion: {VmDefinition.CurrentApiVersion}",
            "kind" => $"kind: {VmDefinition.CurrentKind}",
            _ => null,
        };
        string advice = line is null ? string.Empty : $" Add the line '{line}'.";
        Report(DiagnosticId.MissingKey, path, $"'{key}' is missing.{advice}", mapping, line);
    }

    /// <summary>Adds what the rules say, except about values that were already found to be wrong.</summary>
    private void AddRuleFindings(ImmutableArray<Diagnostic> findings)
    {
        string[] faulty = [.. _diagnostics.Select(d => d.Path)];
        foreach (Diagnostic finding in findings)
        {
            if (!faulty.Any(path => DefinitionPath.AreNested(path, finding.Path)))
            {
                DocumentNode place = _nodes.GetValueOrDefault(finding.Path) ?? _nodes[DefinitionPath.Root];
                _diagnostics.Add(finding with { Line = place.Line, Column = place.Column });
            }
        }
    }

    private void Report(DiagnosticId id, string path, string message, DocumentNode place, string? suggestion = null) =>
        _diagnostics.Add(new Diagnostic(id, DiagnosticSeverity.Error, message, path, place.Line, place.Column, suggestion));

    private static string Expected(ValueKind kind) => kind switch
    {
        ValueKind.Boolean => "true or false",
        ValueKind.Integer => "a number",
        ValueKind.Size => "a size such as 512MiB",
        ValueKind.Word => "a word",
        ValueKind.Labels => "a mapping of labels",
        ValueKind.Mapping => "a mapping",
        ValueKind.List => "a list",
        _ => "text",
    };

    private static string Describe(DocumentNode node) => node switch
    {
        MappingNode => "a mapping",
        SequenceNode => "a list",
        ScalarNode scalar when ScalarReader.IsNull(scalar) => "nothing",
        ScalarNode scalar => QuotedText.Quote(scalar.Text),
        _ => "this",
    };
}
