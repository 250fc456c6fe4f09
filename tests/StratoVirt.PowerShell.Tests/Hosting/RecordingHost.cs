using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace StratoVirt.PowerShell.Tests.Hosting;

/// <summary>A host that shows nothing and remembers everything; confirmations are answered as the test says.</summary>
public sealed class RecordingHost : PSHost
{
    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "StratoVirt tests";

    public override PSHostUserInterface UI => Screen;

    public override Version Version { get; } = new(1, 0);

    public RecordingUI Screen { get; } = new();

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    public sealed class RecordingUI : PSHostUserInterface
    {
        private readonly StringBuilder _text = new();

        /// <summary>Everything written.</summary>
        public string Text => _text.ToString();

        /// <summary>Warnings written to the host itself.</summary>
        public List<string> Warnings { get; } = [];

        /// <summary>Questions asked.</summary>
        public List<string> Questions { get; } = [];

        /// <summary>Progress shown: activity and status.</summary>
        public List<string> Progress { get; } = [];

        /// <summary>Label of the answer to every question, without its accelerator mark.</summary>
        public string Answer { get; set; } = "No";

        public override PSHostRawUserInterface? RawUI { get; } = new WideScreen();

        public void Clear() => _text.Clear();

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
            throw new NotSupportedException();

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            Questions.Add(message);
            return choices.Select((choice, index) => (choice, index))
                .First(pair => pair.choice.Label.Replace("&", string.Empty, StringComparison.Ordinal) == Answer).index;
        }

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(
            string caption,
            string message,
            string userName,
            string targetName,
            PSCredentialTypes allowedCredentialTypes,
            PSCredentialUIOptions options) => throw new NotSupportedException();

        public override string ReadLine() => throw new NotSupportedException();

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();

        public override void Write(string value) => _text.Append(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => _text.Append(value);

        public override void WriteDebugLine(string message)
        {
        }

        public override void WriteErrorLine(string value) => _text.Append(value).Append('\n');

        public override void WriteLine(string value) => _text.Append(value).Append('\n');

        public override void WriteProgress(long sourceId, ProgressRecord record) =>
            Progress.Add($"{record.Activity}: {record.StatusDescription}");

        public override void WriteVerboseLine(string message)
        {
        }

        public override void WriteWarningLine(string message) => Warnings.Add(message);
    }

    private sealed class WideScreen : PSHostRawUserInterface
    {
        public override ConsoleColor BackgroundColor { get; set; }

        public override Size BufferSize { get; set; } = new(160, 1000);

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override ConsoleColor ForegroundColor { get; set; }

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => new(160, 50);

        public override Size MaxWindowSize => new(160, 50);

        public override Coordinates WindowPosition { get; set; }

        public override Size WindowSize { get; set; } = new(160, 50);

        public override string WindowTitle { get; set; } = string.Empty;

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
        {
        }

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
        {
        }

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
        {
        }
    }
}
