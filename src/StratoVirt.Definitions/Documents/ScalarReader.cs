using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Documents;

/// <summary>
/// Gives scalars the meaning their key asks for. Plain scalars follow YAML's core schema (YAML 1.2.2, 10.3.2), strictly:
/// what looks like a number or a boolean is no text. <c>on</c> and <c>off</c> are booleans where a boolean is asked
/// for; <c>yes</c>, <c>no</c> and numbers in octal or hexadecimal, which versions of YAML disagree about, are errors
/// that say what to write.
/// </summary>
internal static class ScalarReader
{
    private static readonly SearchValues<char> DigitsAndPoint = SearchValues.Create("0123456789.");

    /// <summary>A value, or what is wrong with the scalar.</summary>
    internal readonly record struct Result(
        JsonNode? Value, DiagnosticId? Fault = null, string? Message = null, string? Suggestion = null);

    internal static bool IsNull(ScalarNode scalar) => scalar is { IsPlain: true, Text: "" or "~" or "null" or "Null" or "NULL" };

    internal static Result ReadText(ScalarNode scalar)
    {
        if (scalar.IsPlain && (IsBoolean(scalar.Text) || IsNumber(scalar.Text)))
        {
            string what = IsBoolean(scalar.Text) ? "a boolean" : "a number";
            return Wrong($"takes text, and {QuotedText.Quote(scalar.Text)} is {what}; put it in quotes", $"\"{scalar.Text}\"");
        }

        return UnicodeText.HasLoneSurrogate(scalar.Text)
            ? Invalid("contains something that is not valid Unicode")
            : new Result(JsonValue.Create(scalar.Text));
    }

    internal static Result ReadBoolean(ScalarNode scalar)
    {
        string text = scalar.Text;
        if (scalar.IsPlain && text is "true" or "True" or "TRUE" or "on" or "On" or "ON")
        {
            return new Result(JsonValue.Create(true));
        }

        if (scalar.IsPlain && text is "false" or "False" or "FALSE" or "off" or "Off" or "OFF")
        {
            return new Result(JsonValue.Create(false));
        }

        string? meant = text.ToUpperInvariant() switch
        {
            "TRUE" or "ON" or "YES" or "Y" or "1" => "true",
            "FALSE" or "OFF" or "NO" or "N" or "0" => "false",
            _ => null,
        };
        string quoted = scalar.IsPlain ? QuotedText.Quote(text) : $"the quoted text {QuotedText.Quote(text)}";
        return Wrong($"takes true or false, not {quoted}", meant);
    }

    internal static Result ReadInteger(ScalarNode scalar)
    {
        string text = scalar.Text;
        bool isDecimal = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value);
        if (!scalar.IsPlain)
        {
            return Wrong(
                $"takes a number, not the quoted text {QuotedText.Quote(text)}",
                isDecimal ? value.ToString(CultureInfo.InvariantCulture) : null);
        }

        if (isDecimal && !HasLeadingZero(text))
        {
            return value is >= int.MinValue and <= int.MaxValue
                ? new Result(JsonValue.Create((int)value))
                : new Result(null, DiagnosticId.OutOfRange, $"is {value}, which is far outside its bounds");
        }

        if (isDecimal)
        {
            return Wrong(
                $"takes a number, and {QuotedText.Quote(text)} begins with a zero, which some readers take for octal",
                value.ToString(CultureInfo.InvariantCulture));
        }

        return Wrong($"takes a whole decimal number, not {QuotedText.Quote(text)}", MeantInteger(text));
    }

    internal static Result ReadSize(ScalarNode scalar)
    {
        string text = scalar.Text;
        if (ByteSize.TryParse(text, out ByteSize size))
        {
            return HasLeadingZero(text)
                ? Wrong(
                    $"takes a size, and {QuotedText.Quote(text)} begins with a zero, which some readers take for octal",
                    size.ToString())
                : new Result(JsonValue.Create(size.ToString()));
        }

        return scalar.IsPlain && IsBoolean(text)
            ? Wrong($"takes a size such as 512MiB, not {QuotedText.Quote(text)}")
            : Invalid($"takes a size such as 512MiB, not {QuotedText.Quote(text)}", MeantSize(text));
    }

    internal static Result ReadWord(ScalarNode scalar, IReadOnlyCollection<string> words) =>
        words.Contains(scalar.Text)
            ? new Result(JsonValue.Create(scalar.Text))
            : Invalid(
                $"takes {string.Join(" or ", words.Select(w => $"'{w}'"))}, not {QuotedText.Quote(scalar.Text)}",
                NearestWord.Find(scalar.Text, words));

    private static Result Wrong(string message, string? suggestion = null) =>
        new(null, DiagnosticId.WrongType, message, suggestion);

    private static Result Invalid(string message, string? suggestion = null) =>
        new(null, DiagnosticId.InvalidValue, message, suggestion);

    private static bool IsBoolean(string text) => text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE";

    private static bool HasLeadingZero(string text)
    {
        ReadOnlySpan<char> digits = text.AsSpan().TrimStart("+-");
        return digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]);
    }

    private static bool IsNumber(string text)
    {
        ReadOnlySpan<char> rest = text;
        if (rest.StartsWith("0o") || rest.StartsWith("0x"))
        {
            return rest.Length > 2 && !rest[2..].ContainsAnyExcept(rest[1] == 'o' ? "01234567" : "0123456789abcdefABCDEF");
        }

        rest = rest.Length > 0 && rest[0] is '+' or '-' ? rest[1..] : rest;
        if (rest is ".inf" or ".Inf" or ".INF" || text is ".nan" or ".NaN" or ".NAN")
        {
            return true;
        }

        // [0-9]* ( \. [0-9]* )? ( [eE] [-+]? [0-9]+ )?, with a digit before the exponent.
        int whole = CountDigits(rest);
        int fraction = whole < rest.Length && rest[whole] == '.' ? 1 + CountDigits(rest[(whole + 1)..]) : 0;
        if (whole + fraction <= (fraction > 0 && whole == 0 ? 1 : 0))
        {
            return false;
        }

        rest = rest[(whole + fraction)..];
        if (rest.IsEmpty)
        {
            return true;
        }

        if (rest[0] is not ('e' or 'E'))
        {
            return false;
        }

        rest = rest.Length > 1 && rest[1] is '+' or '-' ? rest[2..] : rest[1..];
        return rest.Length > 0 && CountDigits(rest) == rest.Length;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        int other = text.IndexOfAnyExceptInRange('0', '9');
        return other < 0 ? text.Length : other;
    }

    private static string? MeantInteger(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int hexadecimal)
            && hexadecimal >= 0)
        {
            return hexadecimal.ToString(CultureInfo.InvariantCulture);
        }

        const NumberStyles Any = NumberStyles.Float | NumberStyles.AllowThousands;
        bool isWhole = decimal.TryParse(text, Any, CultureInfo.InvariantCulture, out decimal value)
            && value == decimal.Truncate(value)
            && Math.Abs(value) <= int.MaxValue;
        return isWhole ? ((int)value).ToString(CultureInfo.InvariantCulture) : null;
    }

    /// <summary>For <c>1.5GiB</c>: <c>1536MiB</c>.</summary>
    private static string? MeantSize(string text)
    {
        int unit = text.AsSpan().IndexOfAnyExcept(DigitsAndPoint);
        if (unit <= 0
            || !decimal.TryParse(text.AsSpan(0, unit), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count)
            || !ByteSize.TryParse("1" + text[unit..], out ByteSize factor)
            || count > 1 << 20)
        {
            return null;
        }

        decimal bytes = count * factor.Bytes;
        return bytes == decimal.Truncate(bytes) && bytes <= ulong.MaxValue ? new ByteSize((ulong)bytes).ToString() : null;
    }
}
