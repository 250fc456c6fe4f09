using System.Collections.ObjectModel;
using System.Management.Automation.Host;
using System.Text;

namespace StratoVirt.Shell.Hosting;

/// <summary>Asks to choose, as <c>-Confirm</c> does: <c>[Y] Yes  [N] No  [?] Help (default is "Y"):</c>.</summary>
internal sealed class ChoicePrompt(ShellUserInterface ui)
{
    /// <exception cref="HostException">The session cannot ask, or the input ended: an unanswered question is never
    /// taken for its default, which for a confirmation is yes.</exception>
    public int Ask(string? caption, string? message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        ui.Input.Demand();
        var labels = choices.Select(Split).ToArray();
        ui.WriteLine();
        if (!string.IsNullOrEmpty(caption))
            ui.WriteLine(caption);
        if (!string.IsNullOrEmpty(message))
            ui.WriteLine(message);
        string question = Question(labels, defaultChoice);
        while (true)
        {
            string answer = ui.Input.Read(question)?.Trim()
                ?? throw new HostException("The input ended before a choice was made; nothing was chosen.");
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;
            if (answer == "?")
                WriteHelp(labels, choices);
            int chosen = Array.FindIndex(labels, label =>
                answer.Equals(label.Key, StringComparison.OrdinalIgnoreCase)
                || answer.Equals(label.Text, StringComparison.OrdinalIgnoreCase));
            if (chosen >= 0 && answer.Length > 0)
                return chosen;
        }
    }

    private static string Question((string Key, string Text)[] labels, int defaultChoice)
    {
        var question = new StringBuilder();
        foreach (var (key, text) in labels)
            question.Append($"[{key}] {text}  ");
        question.Append("[?] Help");
        if (defaultChoice >= 0)
            question.Append($" (default is \"{labels[defaultChoice].Key}\")");
        return question.Append(": ").ToString();
    }

    private void WriteHelp((string Key, string Text)[] labels, Collection<ChoiceDescription> choices)
    {
        for (int i = 0; i < labels.Length; i++)
            ui.WriteLine($"{labels[i].Key} - {choices[i].HelpMessage}");
    }

    /// <summary>The ampersand stands before the key: <c>Yes to &amp;All</c>.</summary>
    private static (string Key, string Text) Split(ChoiceDescription choice)
    {
        int mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        string text = choice.Label.Replace("&", "", StringComparison.Ordinal);
        string key = mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label[mark + 1].ToString() : text;
        return (key.ToUpperInvariant(), text);
    }
}
