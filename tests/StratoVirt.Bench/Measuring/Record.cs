using System.Globalization;
using System.Text;
using System.Text.Json;

namespace StratoVirt.Bench.Measuring;

/// <summary>Writes what the suites printed: all of it as JSON, the ratios as a table for the documentation.</summary>
internal static class Record
{
    private const string LeftOut = "left out: ";

    /// <summary>Prints what a suite does not measure, and why, for the table's readers.</summary>
    public static void LeaveOut(string name, string reason) => Console.Out.WriteLine($"{LeftOut}{name}: {reason}.");

    /// <summary>Reads the lines and writes both files.</summary>
    /// <param name="lines">File with the suites' output; lines that are no results are passed over.</param>
    /// <param name="results">JSON file to write.</param>
    /// <param name="table">Markdown file to write; null when the run was not a whole one.</param>
    public static void Write(string lines, string results, string? table)
    {
        List<ResultRow> rows = [];
        List<string> leftOut = [];
        foreach (string line in File.ReadLines(lines))
        {
            // The lab's console may put bytes of its own before ours.
            int at = line.IndexOf(ResultRow.Prefix, StringComparison.Ordinal);
            if (at >= 0)
            {
                string json = line[(at + ResultRow.Prefix.Length)..];
                rows.Add(JsonSerializer.Deserialize(json, ResultJson.Compact.ResultRow)
                    ?? throw new BenchException($"An empty result in {lines}."));
            }
            else if (line.StartsWith(LeftOut, StringComparison.Ordinal))
            {
                leftOut.Add(line[LeftOut.Length..]);
            }
        }

        if (rows.Count == 0)
        {
            throw new BenchException($"{lines} holds no result.");
        }

        WriteFile(results, JsonSerializer.Serialize(rows, ResultJson.Indented.ListResultRow) + "\n");
        if (table is not null)
        {
            WriteFile(table, Table(rows, leftOut));
        }
    }

    private static string Table(List<ResultRow> rows, List<string> leftOut)
    {
        var text = new StringBuilder(
            """
            # Benchmarks

            Ours divided by the peer's, each pair measured one after the other on one machine, the median of the pairs of one
            run: below 1 is better where lower is better, above 1 where higher is. Absolute figures depend on the machine and are left to `artifacts/bench/results.json`, which
            `./strato build.ps1 -Task Bench` writes anew.

            | What | Ours / peer | Better | Peer | Samples | How |
            | --- | ---: | --- | --- | ---: | --- |

            """);
        foreach (ResultRow row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Name} | {row.Ratio:0.000} | {row.Better} | {row.PeerName} | {row.Samples} | {row.Note} |\n");
        }

        if (leftOut.Count != 0)
        {
            text.Append("\nNot measured:\n\n");
            foreach (string what in leftOut)
            {
                text.Append(CultureInfo.InvariantCulture, $"- {what}\n");
            }
        }

        return text.ToString();
    }

    private static void WriteFile(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, text);
    }
}
