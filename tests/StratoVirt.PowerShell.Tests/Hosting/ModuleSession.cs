using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace StratoVirt.PowerShell.Tests.Hosting;

/// <summary>
/// A PowerShell runspace with the module imported from its manifest, over a store and runtime directory of its own.
/// </summary>
public sealed class ModuleSession : IDisposable
{
    private static readonly string[] Variables = ["STRATOVIRT_HOME", "STRATOVIRT_RUNTIME"];

    private readonly Dictionary<string, string?> _before = [];
    private readonly Runspace _runspace;
    private readonly ModuleSession? _sharing;

    /// <summary>Opens a session; one that shares another's directories is a second session of the same user.</summary>
    public ModuleSession(ModuleSession? sharing = null)
    {
        _sharing = sharing;
        Directory = sharing?.Directory ?? System.IO.Directory.CreateTempSubdirectory("stratovirt-test-").FullName;
        foreach (string variable in Variables)
        {
            _before[variable] = Environment.GetEnvironmentVariable(variable);
        }

        Environment.SetEnvironmentVariable("STRATOVIRT_HOME", Path.Combine(Directory, "home"));
        Environment.SetEnvironmentVariable("STRATOVIRT_RUNTIME", Path.Combine(Directory, "run"));
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule(ManifestPath);
        Host = new RecordingHost();
        _runspace = RunspaceFactory.CreateRunspace(Host, state);
        _runspace.Open();
        _runspace.SessionStateProxy.Path.SetLocation(Directory);
    }

    /// <summary>The staged module.</summary>
    public static string ModuleDirectory { get; } = Path.Combine(AppContext.BaseDirectory, "StratoVirt");

    /// <summary>Its manifest.</summary>
    public static string ManifestPath { get; } = Path.Combine(ModuleDirectory, "StratoVirt.psd1");

    /// <summary>A directory of this session's own; its location.</summary>
    public string Directory { get; }

    /// <summary>What was shown to the user.</summary>
    public RecordingHost Host { get; }

    /// <summary>Runs a script; an error that ends it is in the result as well.</summary>
    public ScriptResult Run(string script, params object[] input)
    {
        using var shell = System.Management.Automation.PowerShell.Create(_runspace);
        shell.AddScript(script);
        var output = new PSDataCollection<PSObject>();
        Exception? end = null;
        try
        {
            shell.Invoke(input.Length == 0 ? null : input, output);
        }
        catch (RuntimeException terminated)
        {
            end = terminated;
        }

        ErrorRecord[] errors = [.. shell.Streams.Error];
        if (end is RuntimeException { ErrorRecord: { } last } && !errors.Contains(last))
        {
            errors = [.. errors, last];
        }

        return new ScriptResult([.. output], errors, [.. shell.Streams.Warning.Select(w => w.Message)], [.. shell.Streams.Verbose.Select(v => v.Message)]);
    }

    /// <summary>Runs a script that must not fail.</summary>
    public PSObject[] Get(string script)
    {
        ScriptResult result = Run(script);
        return result.Errors.Length == 0
            ? result.Output
            : throw new InvalidOperationException($"{script}: {string.Join('\n', result.Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}"))}");
    }

    /// <summary>Runs a script that gives one value.</summary>
    public T Get<T>(string script) => LanguagePrimitives.ConvertTo<T>(Assert.Single(Get(script)));

    /// <summary>Begins a script and returns the pipeline, for a test that stops it.</summary>
    public System.Management.Automation.PowerShell Begin(string script, out IAsyncResult running, PSDataCollection<PSObject> output)
    {
        var shell = System.Management.Automation.PowerShell.Create(_runspace);
        running = shell.AddScript(script).BeginInvoke<PSObject, PSObject>(null, output);
        return shell;
    }

    /// <summary>Writes a file in the session's directory and returns its path.</summary>
    public string Write(string name, string text)
    {
        string path = Path.Combine(Directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Makes, starts and waits for a machine with the built-in guest, up to its first prompt.</summary>
    public void StartHello(string arguments = "") => Get($"""
        New-StratoVm hello -BuiltIn -Memory 16MiB {arguments} | Out-Null
        Start-StratoVm hello
        Wait-StratoVm hello -ConsoleText 'hello> $' -TimeoutSeconds 30
        """);

    /// <summary>Closes the runspace as leaving a session does.</summary>
    public void Close() => _runspace.Close();

    public void Dispose()
    {
        if (_sharing is not null)
        {
            _runspace.Dispose();
            return;
        }

        if (_runspace.RunspaceStateInfo.State == RunspaceState.Opened)
        {
            Run("Get-StratoVm -State Prelaunch, Running, Paused, InternalError | Stop-StratoVm -TurnOff -Force");
        }

        _runspace.Dispose();
        foreach ((string variable, string? value) in _before)
        {
            Environment.SetEnvironmentVariable(variable, value);
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
