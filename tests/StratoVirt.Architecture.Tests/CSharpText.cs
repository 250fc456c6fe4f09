namespace StratoVirt.Architecture.Tests;

/// <summary>Blanks comments and literals out of C# text, every other character staying where it is.</summary>
internal static class CSharpText
{
    public static string WithoutCommentsAndStrings(string source)
    {
        var text = source.ToCharArray();
        Code(text, 0, closing: '\0');
        return new string(text);
    }

    /// <summary>Passes over code up to the brace that closes an interpolation's hole, or to the end.</summary>
    private static int Code(char[] text, int i, char closing)
    {
        int depth = 0;
        while (i < text.Length)
        {
            char c = text[i];
            if (c == closing && depth == 0)
                return i;
            if (Starts(text, i, "//"))
                i = Blank(text, i, IndexOf(text, i, "\n"));
            else if (Starts(text, i, "/*"))
                i = Blank(text, i, IndexOf(text, i + 2, "*/") + 2);
            else if (c == '\'')
                i = Quoted(text, i, '\'');
            else if (c is '"' or '$' or '@' && LiteralAt(text, i) is { } literal)
                i = Literal(text, i, literal);
            else
            {
                depth += c switch { '{' => 1, '}' => -1, _ => 0 };
                i++;
            }
        }
        return i;
    }

    /// <summary>The dollars, the at sign and the quotes that begin a literal at <paramref name="i"/>.</summary>
    private static (int Dollars, bool Verbatim, int Quotes)? LiteralAt(char[] text, int i)
    {
        int dollars = 0, quotes = 0;
        bool verbatim = false;
        for (; i < text.Length && text[i] is '$' or '@'; i++)
        {
            dollars += text[i] == '$' ? 1 : 0;
            verbatim |= text[i] == '@';
        }
        while (i + quotes < text.Length && text[i + quotes] == '"')
            quotes++;
        return quotes == 0 ? null : (dollars, verbatim, quotes);
    }

    private static int Literal(char[] text, int i, (int Dollars, bool Verbatim, int Quotes) literal)
    {
        bool raw = literal.Quotes >= 3 && !literal.Verbatim;
        int prefix = literal.Dollars + (literal.Verbatim ? 1 : 0);
        if (!raw && literal.Quotes == 2)
            return Blank(text, i, i + prefix + 2);
        int quotes = raw ? literal.Quotes : 1;
        i = Blank(text, i, i + prefix + quotes);
        while (i < text.Length)
        {
            if (Starts(text, i, new string('"', quotes)))
            {
                if (literal.Verbatim && Starts(text, i, "\"\""))
                    i = Blank(text, i, i + 2);
                else
                    return Blank(text, i, i + quotes);
            }
            else if (!raw && !literal.Verbatim && text[i] == '\\')
                i = Blank(text, i, i + 2);
            else if (literal.Dollars > 0 && !raw && Starts(text, i, "{{"))
                i = Blank(text, i, i + 2);
            else if (literal.Dollars > 0 && Starts(text, i, new string('{', literal.Dollars)))
                i = Code(text, i + literal.Dollars, '}') + literal.Dollars;
            else
                i = Blank(text, i, i + 1);
        }
        return i;
    }

    private static int Quoted(char[] text, int i, char quote)
    {
        int end = i + 1;
        while (end < text.Length && text[end] != quote && text[end] != '\n')
            end += text[end] == '\\' ? 2 : 1;
        return Blank(text, i, end + 1);
    }

    private static int Blank(char[] text, int from, int to)
    {
        to = Math.Min(to, text.Length);
        for (int i = from; i < to; i++)
        {
            if (text[i] != '\n')
                text[i] = ' ';
        }
        return to;
    }

    private static bool Starts(char[] text, int i, string with) => text.AsSpan(i).StartsWith(with);

    private static int IndexOf(char[] text, int from, string what)
    {
        int found = text.AsSpan(Math.Min(from, text.Length)).IndexOf(what);
        return found < 0 ? text.Length : from + found;
    }
}
