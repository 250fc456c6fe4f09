using System.Text;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Validation;

/// <summary>The rules for every path in a definition. Whether anything is there is found when the machine is built.</summary>
internal static class PathRules
{
    internal static void Check(VmSpec spec, Findings findings)
    {
        foreach ((string key, string? path) in DefinitionPaths.All(spec))
        {
            if (path is null)
            {
                continue;
            }

            int most = key.EndsWith(".socket", StringComparison.Ordinal) ? DefinitionLimits.MaxSocketPath : DefinitionLimits.MaxPathBytes;
            string? fault = path switch
            {
                "" => "is empty; it has to be the path of a file",
                _ when path.Any(char.IsControl) => $"is {QuotedText.Quote(path)}; a path has no control characters",
                _ when UnicodeText.HasLoneSurrogate(path) => $"is {QuotedText.Quote(path)}, which is not valid Unicode",
                _ when Encoding.UTF8.GetByteCount(path) > most => $"is longer than {most} bytes, the longest path Linux takes there",
                _ => null,
            };
            if (fault is not null)
            {
                findings.Error(DiagnosticId.InvalidValue, $"$.{key}", $"'{key}' {fault}.");
            }
        }
    }
}
