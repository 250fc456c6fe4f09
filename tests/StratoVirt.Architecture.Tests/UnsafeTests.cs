using System.Text.RegularExpressions;

namespace StratoVirt.Architecture.Tests;

public sealed partial class UnsafeTests
{
    [Fact]
    public void OnlyThreeProjectsAllowUnsafe() => Rule.Holds(
        from project in Repository.Projects
        where project.AllowsUnsafe && (project.IsTest || !Layers.Unsafe.Contains(Layers.Short(project.Name)))
        select project.Path);

    /// <summary>A SAFETY sentence stands above the word <c>unsafe</c>, or inside what it covers.</summary>
    [Fact]
    public void EveryUnsafeSaysWhyItIsSound() => Rule.Holds(
        from project in Repository.Projects
        where project.AllowsUnsafe
        from path in project.Sources
        let source = Repository.Read(path)
        let code = CSharpText.WithoutCommentsAndStrings(source)
        from Match word in UnsafeWord().Matches(code)
        where !CommentAbove(source, word.Index).Contains("SAFETY", StringComparison.Ordinal)
            && !source[word.Index..EndOfScope(code, word.Index)].Contains("SAFETY", StringComparison.Ordinal)
        select $"{path}:{source.AsSpan(0, word.Index).Count('\n') + 1}");

    /// <summary>The lines of comments and attributes right above the line of <paramref name="index"/>.</summary>
    private static string CommentAbove(string source, int index)
    {
        int lineStart = source.LastIndexOf('\n', index) + 1;
        int top = lineStart;
        while (top > 0)
        {
            int above = top > 1 ? source.LastIndexOf('\n', top - 2) + 1 : 0;
            string line = source[above..top].Trim();
            if (!line.StartsWith("//", StringComparison.Ordinal) && !line.StartsWith('['))
                break;
            top = above;
        }
        return source[top..lineStart];
    }

    /// <summary>The end of the block or the statement that begins after <paramref name="index"/>.</summary>
    private static int EndOfScope(string code, int index)
    {
        int depth = 0;
        for (int i = index; i < code.Length; i++)
        {
            switch (code[i])
            {
                case '{':
                    depth++;
                    break;
                case '}' when --depth == 0:
                    return i;
                case ';' when depth == 0:
                    return i;
            }
        }
        return code.Length;
    }

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex UnsafeWord();
}
