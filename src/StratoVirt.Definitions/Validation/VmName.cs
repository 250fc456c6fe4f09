using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Validation;

/// <summary>
/// The rule for names of machines. A name becomes a directory in the store, another in the runtime directory and part
/// of a socket's path (108 bytes in all, unix(7)), and is matched with wildcards: hence its alphabet and length.
/// </summary>
public static class VmName
{
    /// <summary>Most characters, as in a DNS label.</summary>
    public const int MaxLength = 63;

    /// <summary>The rule as a regular expression (ECMA 262), for the JSON schema.</summary>
    public const string Pattern = @"^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";

    /// <summary>Names that differ by case alone are one name, as PowerShell users expect; its spelling is kept.</summary>
    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    /// <summary>Whether a machine may be called this.</summary>
    public static bool IsValid(string? name) => name is not null && FindFault(name) is null;

    /// <summary>What is wrong with a name, as a sentence that quotes it; null when nothing is.</summary>
    public static string? FindFault(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0)
        {
            return "The name is empty.";
        }

        if (name.Length > MaxLength)
        {
            return $"The name {QuotedText.Quote(name)} has {name.Length} characters; {MaxLength} are allowed.";
        }

        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return $"The name {QuotedText.Quote(name)} contains {QuotedText.Quote(c.ToString())}; "
                    + "letters, digits, '.', '_' and '-' are allowed.";
            }
        }

        if (!char.IsAsciiLetterOrDigit(name[0]))
        {
            return $"The name '{name}' begins with '{name[0]}'; it has to begin with a letter or digit.";
        }

        return name.Contains("..", StringComparison.Ordinal) ? $"The name '{name}' contains '..', which is not allowed." : null;
    }
}
