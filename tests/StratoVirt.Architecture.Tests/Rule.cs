namespace StratoVirt.Architecture.Tests;

/// <summary>A rule of the tree and what breaks it.</summary>
internal static class Rule
{
    /// <summary>Fails with every breach in full; an assertion about a collection shows the first few, cut short.</summary>
    public static void Holds(IEnumerable<string> breaches)
    {
        string[] all = [.. breaches];
        if (all.Length > 0)
            Assert.Fail(string.Join('\n', all));
    }
}
