namespace StratoVirt.Shell.Hosting;

/// <summary>The process's terminal.</summary>
internal sealed class ConsoleTerminal : ITerminal
{
    // A terminal that reports no size (a bare pseudo-terminal does) is taken for the classic one.
    private const int DefaultWidth = 80;
    private const int DefaultHeight = 25;

    public static bool InputIsTerminal { get; } = !Console.IsInputRedirected;
    public static bool OutputIsTerminal { get; } = !Console.IsOutputRedirected;
    public static bool ErrorIsTerminal { get; } = !Console.IsErrorRedirected;

    /// <summary>Whether escape sequences may be sent to the terminal (<c>NO_COLOR</c>, no-color.org).</summary>
    public static bool Decorates { get; } =
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    public int Width => Math.Max(2, Console.WindowWidth is > 0 and var width ? width : DefaultWidth);

    public static int Height => Console.WindowHeight is > 0 and var height ? height : DefaultHeight;

    public bool KeyAvailable => Console.KeyAvailable;

    public ConsoleKeyInfo ReadKey() => Console.ReadKey(intercept: true);

    public void Write(string text) => Console.Out.Write(text);

    public IDisposable BeginEditing() => new EditingScope();

    private sealed class EditingScope : IDisposable
    {
        private readonly bool _before = Console.TreatControlCAsInput;

        public EditingScope() => Console.TreatControlCAsInput = true;

        public void Dispose() => Console.TreatControlCAsInput = _before;
    }
}
