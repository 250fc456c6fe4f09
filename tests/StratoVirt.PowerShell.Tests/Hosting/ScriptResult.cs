using System.Management.Automation;

namespace StratoVirt.PowerShell.Tests.Hosting;

/// <summary>What a script left behind.</summary>
public sealed record ScriptResult(PSObject[] Output, ErrorRecord[] Errors, string[] Warnings, string[] Verbose)
{
    /// <summary>The only error, which must have this id, a category, a target of its own and advice.</summary>
    public ErrorRecord OnlyError(string id)
    {
        ErrorRecord error = Assert.Single(Errors);
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.NotEqual(ErrorCategory.NotSpecified, error.CategoryInfo.Category);
        Assert.False(string.IsNullOrWhiteSpace(error.ErrorDetails?.RecommendedAction), $"no advice on: {error}");
        return error;
    }
}
