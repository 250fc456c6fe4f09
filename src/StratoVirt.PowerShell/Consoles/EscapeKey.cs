using System.Diagnostics.CodeAnalysis;

namespace StratoVirt.PowerShell.Consoles;

/// <summary>The key that leaves a console: a control character, written as on paper, <c>^]</c>.</summary>
internal readonly record struct EscapeKey(byte Code)
{
    /// <summary>Reads <c>^X</c> with X from @ to _ or a letter in either case.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out EscapeKey? key)
    {
        key = text is ['^', var letter] && char.ToUpperInvariant(letter) is >= '@' and <= '_' and var upper
            ? new EscapeKey((byte)(upper - '@'))
            : null;
        return key is not null;
    }

    /// <summary>As on paper: <c>Ctrl+]</c>.</summary>
    public override string ToString() => $"Ctrl+{(char)(Code + '@')}";
}
