using StratoVirt.Testing.Virtio.Hostile;

namespace StratoVirt.Fuzz.Virtio;

/// <summary>Each kind of device behind each transport, driven by steps that the input decides; see
/// <see cref="HostileDriver"/>.</summary>
internal static class DeviceTargets
{
    private const int StepsPerSeed = 2000;
    private const int Seeds = 8;

    private static long _steps;
    private static long _judged;
    private static long _resets;

    public static IEnumerable<FuzzTarget> All =>
        from subject in DeviceSubjects.All
        from isPci in new[] { false, true }
        select new FuzzTarget(
            $"{subject.Key}-{(isPci ? "pci" : "mmio")}",
            MakeSeeds,
            input => Run(subject.Value, isPci, input),
            () => _steps,
            () => $", {_judged} answers judged, {_resets} resets asked for");

    private static void Run(Func<DeviceSubject> make, bool isPci, byte[] input)
    {
        DriverStep[] steps = new DriverStep[input.Length / DriverStep.Length];
        for (int i = 0; i < steps.Length; i++)
        {
            steps[i] = DriverStep.Read(input.AsSpan(i * DriverStep.Length));
        }

        (long judged, long resets) = HostileDriver.Play(make, isPci, steps);
        _steps += steps.Length;
        _judged += judged;
        _resets += resets;
    }

    // Every life begins with a start: before it a driver can do little.
    private static IEnumerable<byte[]> MakeSeeds()
    {
        for (int number = 0; number < Seeds; number++)
        {
            byte[] seed = new byte[StepsPerSeed * DriverStep.Length];
            new Random(number).NextBytes(seed);
            new DriverStep(DriverMove.Start, 0, (ulong)number).Write(seed);
            yield return seed;
        }
    }
}
