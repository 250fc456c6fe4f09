using System.Text.Json;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Json;

/// <summary>JSON holds something that is no part of a definition.</summary>
/// <param name="id">What is wrong with it.</param>
/// <param name="message">The same in words.</param>
internal sealed class UnfitJsonException(DiagnosticId id, string message) : JsonException(message)
{
    /// <summary>What is wrong with it.</summary>
    public DiagnosticId Id => id;
}
