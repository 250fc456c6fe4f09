namespace StratoVirt.Shell.Hosting;

/// <summary>The terminal as the line editor sees it; tests supply a scripted one.</summary>
internal interface ITerminal
{
    /// <summary>Cells in a row; at least 2.</summary>
    int Width { get; }

    /// <summary>Whether a key waits, so that a paste is drawn once and not once a character.</summary>
    bool KeyAvailable { get; }

    ConsoleKeyInfo ReadKey();

    void Write(string text);

    /// <summary>Ctrl-C becomes a key until the returned scope ends.</summary>
    IDisposable BeginEditing();
}
