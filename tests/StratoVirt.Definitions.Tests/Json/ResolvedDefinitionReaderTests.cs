using System.Text;
using System.Text.Json;
using CsCheck;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions.Tests.Json;

public sealed class ResolvedDefinitionReaderTests
{
    /// <summary>What the serializer writes for a record, the reader knows: a property that is new to one and not to the
    /// other fails here.</summary>
    [Fact]
    public void ItReadsWhateverTheSerializerWrites() =>
        Definitions.Any.Sample(definition => Assert.Equal(definition, Read(DefinitionJson.Serialize(definition))));

    /// <summary>Both processes of a detached machine write by hand what everything else reads by the records' shape.</summary>
    [Fact]
    public void TheWriterByHandWritesWhatTheSerializerWould() => Definitions.Any.Sample(definition => Assert.Equal(
        JsonSerializer.Serialize(definition, DefinitionJsonContext.Default.VmDefinition), DefinitionJson.Serialize(definition)));

    [Fact]
    public void SoItDoesForEachDevice() => Definitions.Any.Sample(definition => Assert.All(
        definition.Spec.ListDevices(),
        device => Assert.True(JsonElement.DeepEquals(
            JsonSerializer.SerializeToElement(device, DefinitionJsonContext.Default.GetTypeInfo(device.GetType())!),
            DeviceJson.Serialize(device)))));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"apiVersion":1}""")]
    [InlineData("""{"apiVersion":"stratovirt/v1","kind":"VirtualMachine","color":"red"}""")]
    [InlineData("""{"spec":{"cpus":"2"}}""")]
    [InlineData("""{"spec":{"cpus":1.5}}""")]
    [InlineData("""{"spec":{"memory":"lots"}}""")]
    [InlineData("""{"spec":{"machine":"q35"}}""")]
    [InlineData("""{"spec":{"acpi":"yes"}}""")]
    [InlineData("""{"spec":{"disks":{}}}""")]
    [InlineData("""{"spec":{"disks":[{"name":"a"},null]}}""")]
    [InlineData("""{"spec":{"disks":[{"cache":"warm"}]}}""")]
    [InlineData("""{"spec":{"disks":[{"name":"a" """)]
    [InlineData("""{"spec":{"boot":{"builtIn":true},"disks":[{"name":"a"}]}}""")]
    [InlineData("""{"spec":{"cpus":1}}""")]
    [InlineData("""{"metadata":{"name":"a"}}""")]
    public void WhatItDoesNotExpectEndsTheReading(string json) => Assert.ThrowsAny<JsonException>(() => Read(json));

    [Fact]
    public void TheRulesHoldHereToo()
    {
        string json = DefinitionJson.Serialize(Definitions.Plain).Replace("web-1", "no name", StringComparison.Ordinal);
        Assert.Equal(DiagnosticId.InvalidName, Assert.Throws<DefinitionException>(() => Read(json)).Id);
    }

    private static VmDefinition Read(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        VmDefinition definition = ResolvedDefinitionReader.Read(ref reader);
        Assert.Equal(JsonTokenType.EndObject, reader.TokenType);
        return definition;
    }
}
