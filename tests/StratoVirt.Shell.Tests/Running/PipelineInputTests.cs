using System.Management.Automation.Language;
using StratoVirt.Shell.Running;

namespace StratoVirt.Shell.Tests.Running;

public sealed class PipelineInputTests
{
    [Theory]
    [InlineData("$input | ForEach-Object { $_ }", true)]
    [InlineData("process { $_ }", true)]
    [InlineData("param([Parameter(ValueFromPipeline)] $x) end { $x }", true)]
    [InlineData("param([Parameter(ValueFromPipelineByPropertyName)] $x) end { $x }", true)]
    [InlineData("/bin/cat", false)]
    [InlineData("function f { $input }", false)]
    [InlineData("& { $input }", false)]
    [InlineData("$inputs", false)]
    public void StandardInputIsForThoseWhoAsk(string script, bool expected) =>
        Assert.Equal(expected, PipelineInput.IsReadBy(Parser.ParseInput(script, out _, out _)));
}
