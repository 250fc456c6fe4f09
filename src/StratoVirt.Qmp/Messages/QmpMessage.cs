using System.Text.Json;

namespace StratoVirt.Qmp.Messages;

/// <summary>What a server says.</summary>
public abstract record QmpMessage;

/// <summary>The first thing it says.</summary>
/// <param name="Version">What it is.</param>
public sealed record QmpGreeting(VersionInfo Version) : QmpMessage;

/// <summary>The answer to a command.</summary>
/// <param name="Id">The command's mark; null when the server could not read one.</param>
/// <param name="Result">The result; undefined when there is an error.</param>
/// <param name="Error">Why it was not carried out; null when it was.</param>
public sealed record QmpAnswer(ulong? Id, JsonElement Result, QmpException? Error) : QmpMessage;

/// <summary>Something that happened.</summary>
/// <param name="Name">The event's name.</param>
/// <param name="Data">What it carries; undefined when nothing.</param>
/// <param name="Time">When it happened.</param>
public sealed record QmpHappening(string Name, JsonElement Data, DateTimeOffset Time) : QmpMessage;
