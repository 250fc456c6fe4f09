using System.Management.Automation.Host;

namespace StratoVirt.Shell.Hosting;

/// <summary>The terminal's cells and keys. What a Linux terminal cannot tell (the screen's contents) is an error.</summary>
internal sealed class ShellRawUserInterface(ITerminal terminal) : PSHostRawUserInterface
{
    // Output into a file or a pipe has no width of its own; this holds the module's tables.
    private const int RedirectedWidth = 120;
    private const int RedirectedHeight = 50;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override Size BufferSize
    {
        get => ConsoleTerminal.OutputIsTerminal
            ? new Size(terminal.Width, ConsoleTerminal.Height)
            : new Size(RedirectedWidth, RedirectedHeight);
        set => throw Unsupported("set the size of the screen buffer");
    }

    public override Size WindowSize
    {
        get => BufferSize;
        set => throw Unsupported("set the size of the window");
    }

    public override Size MaxWindowSize => BufferSize;

    public override Size MaxPhysicalWindowSize => BufferSize;

    public override Coordinates WindowPosition
    {
        get => default;
        set => throw Unsupported("move the window");
    }

    public override Coordinates CursorPosition
    {
        get
        {
            if (!ConsoleTerminal.InputIsTerminal || !ConsoleTerminal.OutputIsTerminal)
                return default;
            var (left, top) = Console.GetCursorPosition();
            return new Coordinates(left, top);
        }
        set => Console.SetCursorPosition(value.X, value.Y);
    }

    public override int CursorSize
    {
        get => 100;
        set => throw Unsupported("set the size of the cursor");
    }

    public override bool KeyAvailable => ConsoleTerminal.InputIsTerminal && terminal.KeyAvailable;

    public override string WindowTitle
    {
        get;
        set
        {
            field = value;
            if (ConsoleTerminal.OutputIsTerminal && ConsoleTerminal.Decorates)
                Console.Title = value;
        }
    } = "";

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        if (!ConsoleTerminal.InputIsTerminal)
            throw Unsupported("read a key: standard input is no terminal");
        ConsoleKeyInfo key;
        if (options.HasFlag(ReadKeyOptions.AllowCtrlC))
        {
            using (terminal.BeginEditing())
                key = terminal.ReadKey();
        }
        else
        {
            key = terminal.ReadKey();
        }
        if (!options.HasFlag(ReadKeyOptions.NoEcho) && !char.IsControl(key.KeyChar))
            terminal.Write(key.KeyChar.ToString());
        return new KeyInfo((int)key.Key, key.KeyChar, StateOf(key.Modifiers), keyDown: true);
    }

    public override void FlushInputBuffer()
    {
        while (KeyAvailable)
            terminal.ReadKey();
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw Unsupported("read the screen");

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) =>
        throw Unsupported("write a block of the screen");

    /// <summary>Only the whole screen can be cleared, which is what Clear-Host asks for (all coordinates -1).</summary>
    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        if (rectangle is not { Left: -1, Top: -1, Right: -1, Bottom: -1 })
            throw Unsupported("fill a block of the screen");
        terminal.Write("\e[H\e[2J");
    }

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw Unsupported("scroll a block of the screen");

    public override int LengthInBufferCells(string source) => CellWidth.Of(source);

    public override int LengthInBufferCells(string source, int offset) => CellWidth.Of(source.AsSpan(offset));

    public override int LengthInBufferCells(char source) => CellWidth.Of([source]);

    private static HostException Unsupported(string what) => new($"This terminal cannot {what}.");

    private static ControlKeyStates StateOf(ConsoleModifiers modifiers)
    {
        ControlKeyStates state = 0;
        if (modifiers.HasFlag(ConsoleModifiers.Shift))
            state |= ControlKeyStates.ShiftPressed;
        if (modifiers.HasFlag(ConsoleModifiers.Control))
            state |= ControlKeyStates.LeftCtrlPressed;
        if (modifiers.HasFlag(ConsoleModifiers.Alt))
            state |= ControlKeyStates.LeftAltPressed;
        return state;
    }
}
