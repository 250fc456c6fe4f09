using System.Text.Json.Serialization;

namespace StratoVirt.Definitions.Json;

/// <summary>Reads and writes an enumeration as the words of the document, never as numbers.</summary>
/// <typeparam name="T">The enumeration; each member carries its word.</typeparam>
internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
