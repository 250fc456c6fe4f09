namespace StratoVirt.Fuzz;

/// <summary>Something that reads foreign bytes, made ready to be fed with any.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Seeds">Sound inputs, for a fuzzer to start from.</param>
/// <param name="Run">Reads one input. Throws only when it has found a mistake in our code.</param>
/// <param name="Steps">Where an input is many steps: steps taken since the process began.</param>
/// <param name="Tell">What else there is to say of them.</param>
internal sealed record FuzzTarget(
    string Name, Func<IEnumerable<byte[]>> Seeds, Action<byte[]> Run, Func<long>? Steps = null, Func<string>? Tell = null);
