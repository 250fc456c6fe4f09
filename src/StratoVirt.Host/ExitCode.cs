namespace StratoVirt.Host;

/// <summary>How the process ends.</summary>
internal static class ExitCode
{
    /// <summary>The machine ran and ended, by its guest's wish or somebody's.</summary>
    public const int Ended = 0;

    /// <summary>The machine could not be set up, or the host could not go on with it.</summary>
    public const int Failed = 1;

    /// <summary>The program was called in a way it does not understand.</summary>
    public const int WrongUse = 2;
}
