using System.Collections.Immutable;
using CsCheck;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Tests.Validation;

public sealed class DefinitionValidatorTests
{
    [Fact]
    public void ValidDefinitionsHaveNoErrors() => Definitions.Any.Sample(
        definition => DefinitionValidator.Validate(definition).All(d => d.Severity == DiagnosticSeverity.Warning));

    [Theory]
    [InlineData(16UL << 20, true)]
    [InlineData(1UL << 40, true)]
    [InlineData((16UL << 20) - 1, false)]
    [InlineData((1UL << 40) + (2 << 20), false)]
    [InlineData((16UL << 20) + (1 << 20), false)]
    [InlineData(ulong.MaxValue, false)]
    public void MemoryBounds(ulong bytes, bool valid) => Assert.Equal(valid, Validate(spec => spec with { Memory = new(bytes) }).IsEmpty);

    [Theory]
    [InlineData(int.MinValue, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(254, true)]
    [InlineData(255, false)]
    public void CpuBounds(int cpus, bool valid) => Assert.Equal(valid, Validate(spec => spec with { Cpus = cpus }).IsEmpty);

    [Fact]
    public void ACommandLineIsCountedInBytes()
    {
        Assert.Empty(Validate(spec => spec with { Boot = new BootSpec { BuiltIn = true, CommandLine = new string('x', 2047) } }));
        Assert.Equal(
            DiagnosticId.OutOfRange,
            Assert.Single(Validate(spec => spec with { Boot = new BootSpec { BuiltIn = true, CommandLine = new string('é', 1024) } })).Id);
    }

    [Fact]
    public void AnUndefinedMachineIsFound() => Assert.Equal(
        ("$.spec.machine", DiagnosticId.InvalidValue),
        Validate(spec => spec with { Machine = (MachineModel)7 }).Select(d => (d.Path, d.Id)).Single());

    [Fact]
    public void LabelsAreCounted()
    {
        var metadata = new VmMetadata { Name = "x", Labels = Enumerable.Range(0, 65).ToImmutableSortedDictionary(i => $"k{i}", _ => "v") };

        Assert.Equal("$.metadata.labels", Assert.Single(DefinitionValidator.Validate(Definitions.Plain with { Metadata = metadata })).Path);
    }

    [Fact]
    public void RelativePathsAreResolvedAgainstTheBaseGiven()
    {
        VmDefinition relative = Definitions.Plain with
        {
            Spec = Definitions.Plain.Spec with { Boot = new BootSpec { Kernel = "../vmlinuz", Initrd = "/i" } },
        };

        Assert.Equal(("spec.boot.kernel", "../vmlinuz"), DefinitionPaths.FindRelativePath(relative));
        BootSpec boot = relative.ResolvePaths("/home/me/vms").Spec.Boot;
        Assert.Equal(("/home/me/vmlinuz", "/i"), (boot.Kernel, boot.Initrd));
        Assert.Null(DefinitionPaths.FindRelativePath(relative.ResolvePaths("/home/me/vms")));
    }

    private static ImmutableArray<Diagnostic> Validate(Func<VmSpec, VmSpec> change) =>
        DefinitionValidator.Validate(Definitions.Plain with { Spec = change(Definitions.Plain.Spec) });
}
