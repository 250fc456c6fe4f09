namespace StratoVirt.Shell.Editing;

/// <summary>One way to complete the line: the text put in, and the shorter text shown in a list.</summary>
internal readonly record struct CompletionChoice(string Text, string Label);

/// <summary>The completions of the part of a line that starts at <paramref name="Start"/>.</summary>
internal sealed record CompletionSet(int Start, int Length, IReadOnlyList<CompletionChoice> Choices)
{
    public static CompletionSet None { get; } = new(0, 0, []);

    /// <summary>What all completions begin with, letter case aside.</summary>
    public string CommonStart
    {
        get
        {
            if (Choices.Count == 0)
                return "";
            string common = Choices[0].Text;
            foreach (var choice in Choices)
            {
                int length = 0;
                while (length < common.Length && length < choice.Text.Length
                    && char.ToUpperInvariant(common[length]) == char.ToUpperInvariant(choice.Text[length]))
                    length++;
                common = common[..length];
            }
            return common;
        }
    }
}
