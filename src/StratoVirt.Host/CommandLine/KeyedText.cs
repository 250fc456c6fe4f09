using System.Globalization;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Host.CommandLine;

/// <summary>
/// The argument of an option: <c>word,key=value,key=value</c>, a comma inside a value written twice. Each key is taken
/// by whoever knows what it means; <see cref="Finish"/> complains about those that nobody took.
/// </summary>
internal sealed class KeyedText
{
    private readonly string _option;
    private readonly List<(string Key, string Value)> _left = [];
    private readonly List<string> _known = [];

    /// <summary>Reads an argument.</summary>
    /// <param name="option">The option, as it was written.</param>
    /// <param name="text">Its argument.</param>
    /// <param name="first">The key of a first part that is written without one; null leaves none without.</param>
    /// <exception cref="CommandLineException">A part has no key, or a key is given twice.</exception>
    public KeyedText(string option, string text, string? first = null)
    {
        _option = option;
        foreach (string part in Split(text))
        {
            int at = part.IndexOf('=', StringComparison.Ordinal);
            bool isFirst = _left.Count == 0 && first is not null && at < 0;

            // A key alone is a switch that is on: server, nowait, readonly.
            (string key, string value) = isFirst ? (first!, part) : at < 0 ? (part, "on") : (part[..at], part[(at + 1)..]);
            if (key.Length == 0)
            {
                throw Fault($"'{part}' names no key.");
            }

            if (_left.Exists(other => other.Key == key))
            {
                throw Fault($"'{key}' is given twice.");
            }

            _left.Add((key, value));
        }
    }

    /// <summary>Takes a value; null when it is not given.</summary>
    public string? Take(string key)
    {
        _known.Add(key);
        int index = _left.FindIndex(part => part.Key == key);
        if (index < 0)
        {
            return null;
        }

        string value = _left[index].Value;
        _left.RemoveAt(index);
        return value.Length != 0 ? value : throw Fault($"'{key}' has no value.");
    }

    /// <summary>Takes a value that has to be there.</summary>
    public string Require(string key) => Take(key) ?? throw Fault($"'{key}' is missing.");

    /// <summary>Takes <c>on</c> or <c>off</c>, in all the spellings that are in use.</summary>
    public bool? TakeSwitch(string key) => Take(key) switch
    {
        null => null,
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        string other => throw Fault($"'{key}' is on or off, not '{other}'."),
    };

    /// <summary>Takes a number.</summary>
    public int? TakeNumber(string key) => Take(key) switch
    {
        null => null,
        string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) => number,
        string other => throw Fault($"'{key}' is a number, not '{other}'."),
    };

    /// <summary>Takes a size; a bare number is in <paramref name="unit"/> bytes.</summary>
    public ByteSize? TakeSize(string key, ulong unit = 1)
    {
        if (Take(key) is not { } text)
        {
            return null;
        }

        bool isBare = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count);
        return isBare && count <= ulong.MaxValue / unit ? new ByteSize(count * unit)
            : !isBare && ByteSize.TryParse(text, out ByteSize size) ? size
            : throw Fault($"'{key}' is a size such as 512M or 2G, not '{text}'.");
    }

    /// <summary>Takes one of some words.</summary>
    public string? TakeWord(string key, params string[] words) => Take(key) switch
    {
        null => null,
        string word when words.Contains(word, StringComparer.Ordinal) => word,
        string other => throw Fault($"'{key}' is {string.Join(" or ", words)}, not '{other}'{Nearest(other, words)}"),
    };

    /// <summary>Takes what changes nothing here.</summary>
    public void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            Take(key);
        }
    }

    /// <summary>Complains about a key that is known and cannot be carried out, unless it asks for what there is anyway.</summary>
    public void Refuse(string key, string harmless, string why)
    {
        if (Take(key) is { } value && value != harmless)
        {
            throw Fault($"'{key}={value}' is not supported: {why}");
        }
    }

    /// <summary>Complains about what nobody took.</summary>
    public void Finish()
    {
        if (_left.Count != 0)
        {
            string key = _left[0].Key;
            throw Fault($"there is no '{key}' here{Nearest(key, _known)}");
        }
    }

    /// <summary>A fault of this argument.</summary>
    public CommandLineException Fault(string what) => new($"{_option}: {what}");

    /// <summary>The end of a sentence about a word that is not known.</summary>
    public static string Nearest(string word, IEnumerable<string> known) =>
        NearestWord.Find(word, known) is { } nearest ? $"; did you mean '{nearest}'?" : ".";

    private static List<string> Split(string text)
    {
        List<string> parts = [];
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i + 1 < text.Length && text[i] == ',' && text[i + 1] == ',')
            {
                i++;
            }
            else if (i == text.Length || text[i] == ',')
            {
                parts.Add(text[start..i].Replace(",,", ",", StringComparison.Ordinal));
                start = i + 1;
            }
        }

        return parts;
    }
}
