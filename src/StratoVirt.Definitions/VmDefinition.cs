using System.Text.Json.Serialization;

namespace StratoVirt.Definitions;

/// <summary>
/// One virtual machine in the user's words: what a <c>vm.yaml</c> holds and what the host process is handed as JSON.
/// It says what is wanted; where things sit in the guest is decided by the machine that is built from it.
/// </summary>
public sealed record VmDefinition
{
    /// <summary>The document version this build reads and writes.</summary>
    public const string CurrentApiVersion = "stratovirt/v1";

    /// <summary>The document kind.</summary>
    public const string CurrentKind = "VirtualMachine";

    /// <summary>Always <see cref="CurrentApiVersion"/>.</summary>
    [JsonRequired]
    public string ApiVersion { get; init; } = CurrentApiVersion;

    /// <summary>Always <see cref="CurrentKind"/>.</summary>
    [JsonRequired]
    public string Kind { get; init; } = CurrentKind;

    /// <summary>What the machine is called.</summary>
    public required VmMetadata Metadata { get; init; }

    /// <summary>What it is made of.</summary>
    public required VmSpec Spec { get; init; }
}
