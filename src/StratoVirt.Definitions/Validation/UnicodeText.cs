namespace StratoVirt.Definitions.Validation;

/// <summary>Whether UTF-16 text can be written as UTF-8 at all.</summary>
internal static class UnicodeText
{
    /// <summary>Half of a surrogate pair stands alone; UTF-8 cannot express it.</summary>
    internal static bool HasLoneSurrogate(ReadOnlySpan<char> text) => IndexOfLoneSurrogate(text) >= 0;

    internal static int IndexOfLoneSurrogate(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return i;
            }

            i++;
        }

        return -1;
    }
}
