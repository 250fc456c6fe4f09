using System.Globalization;

namespace StratoVirt.Shell.Hosting;

/// <summary>The invariant culture, with a language: the engine breaks lines between words for languages it knows, and
/// anywhere for the rest. A true English culture would need ICU's data, which a minimal machine has not.</summary>
internal sealed class EnglishCulture() : CultureInfo("")
{
    public override string TwoLetterISOLanguageName => "en";

    /// <summary>For the calling thread and those to come.</summary>
    public static void Use()
    {
        var culture = new EnglishCulture();
        DefaultThreadCurrentCulture = culture;
        CurrentCulture = culture;
    }
}
