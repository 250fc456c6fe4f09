namespace StratoVirt.Shell.Tests.Editing;

/// <summary>Keys as the console reports them.</summary>
internal static class Keys
{
    public static ConsoleKeyInfo Enter => new('\r', ConsoleKey.Enter, false, false, false);

    public static ConsoleKeyInfo Tab => new('\t', ConsoleKey.Tab, false, false, false);

    public static IEnumerable<ConsoleKeyInfo> Type(string text) => text.Select(c =>
        new ConsoleKeyInfo(c, char.IsAsciiLetter(c) ? (ConsoleKey)char.ToUpperInvariant(c) : ConsoleKey.None,
            char.IsUpper(c), false, false));

    public static ConsoleKeyInfo Plain(ConsoleKey key) => new('\0', key, false, false, false);

    public static ConsoleKeyInfo Control(ConsoleKey key) => new((char)(key - ConsoleKey.A + 1), key, false, false, true);
}
