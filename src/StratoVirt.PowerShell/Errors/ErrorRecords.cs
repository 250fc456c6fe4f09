using System.Management.Automation;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.GuestImages;
using StratoVirt.Machine;
using StratoVirt.Qmp.Messages;
using StratoVirt.Store;

namespace StratoVirt.PowerShell.Errors;

/// <summary>
/// Turns what went wrong into the error a user sees: a stable id that begins with <c>StratoVirt.</c>, a category, and
/// what to do about it.
/// </summary>
internal static class ErrorRecords
{
    private const string Prefix = "StratoVirt.";

    /// <summary>The id of an engine error.</summary>
    public static string Id(MachineErrorId id) => Prefix + id;

    /// <summary>An exception for something a cmdlet itself found wrong.</summary>
    public static StratoVirtException Failure(CommandErrorId id, string message, string action, Exception? cause = null) =>
        new(Prefix + id, message, action, cause);

    /// <summary>An exception for a fault of a definition that only a cmdlet can see.</summary>
    public static StratoVirtException Failure(DiagnosticId id, string message, string action) => new(Prefix + id, message, action);

    /// <summary>A record for arguments that cannot be, to end the cmdlet with.</summary>
    public static ErrorRecord ForArgument(CommandErrorId id, string message, string action, Exception? cause = null) =>
        Record(Failure(id, message, action, cause), null);

    /// <summary>The record for a failure, or null when it is none that this module knows.</summary>
    public static ErrorRecord? For(Exception failure, object? target) =>
        Translate(failure) is { } known ? Record(known, target) : null;

    private static StratoVirtException? Translate(Exception failure) => failure switch
    {
        StratoVirtException own => own,
        MachineException machine => new(Id(machine.Id), machine.Message, machine.RecommendedAction, machine),
        DefinitionException definition => new(Prefix + definition.Id, definition.Message, Advice(definition), definition),
        StoreException store => new(Prefix + store.Id, store.Message, store.RecommendedAction, store),
        GuestImageException image => new(Prefix + image.Id, image.Message, image.RecommendedAction, image),
        WildcardPatternException pattern => Failure(
            CommandErrorId.PatternInvalid, pattern.Message, "Close the bracket, or write ` before it when it is meant as it is.", pattern),
        SessionStateException place => Failure(CommandErrorId.PathUnusable, place.Message, "Check the path.", place),
        QmpException refused => Failure(
            Enum.TryParse("Qmp" + refused.ErrorClass, out CommandErrorId id) ? id : CommandErrorId.QmpGenericError,
            refused.Message,
            refused.RecommendedAction ?? "Commands and what they take are listed by: Invoke-StratoQmp NAME query-qmp-schema",
            refused),
        FileNotFoundException or DirectoryNotFoundException => Failure(
            CommandErrorId.FileMissing, failure.Message, "Check the path.", failure),
        UnauthorizedAccessException or IOException => Failure(
            CommandErrorId.FileUnusable, failure.Message, "Check the path, its permissions and the space left there.", failure),
        _ => null,
    };

    private static string Advice(DefinitionException failure) =>
        failure.Diagnostics[0].Suggestion is { } suggestion
            ? $"Did you mean '{suggestion}'?"
            : "Correct the definition; Get-Help about_StratoVirt_Definitions says what it can hold.";

    private static ErrorRecord Record(StratoVirtException failure, object? target) =>
        new(failure, failure.Id, ErrorCategories.Of(failure.Id[Prefix.Length..]), target)
        {
            ErrorDetails = new ErrorDetails(failure.Message) { RecommendedAction = failure.RecommendedAction },
        };
}
