namespace StratoVirt.Control.Commands;

/// <summary>Lists made of other lists. System.Linq would have half a dozen iterator types for each pair of item types, in
/// memory that each host process has for itself.</summary>
internal static class Listing
{
    /// <summary>What is made of each item, in their order.</summary>
    public static TResult[] Of<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, TResult> describe)
    {
        var results = new TResult[items.Count];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = describe(items[i]);
        }

        return results;
    }
}
