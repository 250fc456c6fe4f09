using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace StratoVirt.Shell.Hosting;

/// <summary>What commands write, and the questions they ask.</summary>
internal sealed class ShellUserInterface : PSHostUserInterface
{
    private readonly ShellRawUserInterface _raw;
    private readonly FieldPrompt _fields;
    private readonly ChoicePrompt _choices;

    public ShellUserInterface(ITerminal terminal, OutputWriter output, bool nonInteractive)
    {
        Output = output;
        Input = new LineInput(terminal, output, nonInteractive);
        Progress = new ProgressLine(output, () => terminal.Width, TimeProvider.System);
        _raw = new ShellRawUserInterface(terminal);
        _fields = new FieldPrompt(this);
        _choices = new ChoicePrompt(this);
    }

    public OutputWriter Output { get; }

    public LineInput Input { get; }

    public ProgressLine Progress { get; }

    public override PSHostRawUserInterface RawUI => _raw;

    public override bool SupportsVirtualTerminal => Output.DecoratesOutput;

    public override string? ReadLine() => Input.Read("");

    public override SecureString ReadLineAsSecureString() => Input.ReadSecret("");

    public override void Write(string value) => Output.Write(value);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Output.Write(Colour(foregroundColor, backgroundColor, value));

    public override void WriteLine() => Output.WriteLine("");

    public override void WriteLine(string value) => Output.WriteLine(value);

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Output.WriteLine(Colour(foregroundColor, backgroundColor, value));

    /// <summary>The engine's error view brings its own colours.</summary>
    public override void WriteErrorLine(string value) =>
        Output.WriteErrorLine(value.Contains('\e', StringComparison.Ordinal) ? value
            : Styled(PSStyle.Instance.Formatting.Error, value));

    public override void WriteWarningLine(string message) =>
        Output.WriteLine(Styled(PSStyle.Instance.Formatting.Warning, $"WARNING: {message}"));

    public override void WriteVerboseLine(string message) =>
        Output.WriteLine(Styled(PSStyle.Instance.Formatting.Verbose, $"VERBOSE: {message}"));

    public override void WriteDebugLine(string message) =>
        Output.WriteLine(Styled(PSStyle.Instance.Formatting.Debug, $"DEBUG: {message}"));

    public override void WriteProgress(long sourceId, ProgressRecord record) => Progress.Show(sourceId, record);

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        _fields.Ask(caption, message, descriptions);

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        _choices.Ask(caption, message, choices, defaultChoice);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        _fields.AskCredential(caption, message, userName);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName,
        PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        _fields.AskCredential(caption, message, userName);

    private string Colour(ConsoleColor foreground, ConsoleColor background, string value)
    {
        if (!Output.DecoratesOutput)
            return value;
        string before = foreground == _raw.ForegroundColor ? "" : PSStyle.MapForegroundColorToEscapeSequence(foreground);
        if (background != _raw.BackgroundColor)
            before += PSStyle.MapBackgroundColorToEscapeSequence(background);
        return before.Length == 0 ? value : before + value + PSStyle.Instance.Reset;
    }

    private static string Styled(string style, string text) => style + text + PSStyle.Instance.Reset;
}
