using System.Collections.Immutable;

namespace StratoVirt.Machine.Boot.X64.Acpi.Aml;

/// <summary>An AML object, name or statement, already encoded (ACPI 6.5 §20.2). Terms are built from terms.</summary>
/// <param name="Bytes">The encoding.</param>
internal readonly record struct AmlTerm(ImmutableArray<byte> Bytes);

/// <summary>A resource descriptor, already encoded (ACPI 6.5 §6.4). Only a resource template takes one.</summary>
/// <param name="Bytes">The encoding.</param>
internal readonly record struct AmlResource(ImmutableArray<byte> Bytes);
