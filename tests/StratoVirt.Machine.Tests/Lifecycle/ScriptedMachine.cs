using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine.Tests.Lifecycle;

/// <summary>Plays the machine below a state driver: records what the driver asks and breaks on request.</summary>
internal sealed class ScriptedMachine : IDrivenMachine
{
    private readonly List<string> _calls = [];

    public VcpuFault? NextFault { get; set; }

    public Exception? ResetFailure { get; set; }

    public string[] Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public void ReleaseVcpus() => Record("release");

    public void HoldVcpus() => Record("hold");

    public void PauseDevices() => Record("pause devices");

    public void ResumeDevices() => Record("resume devices");

    public void RemoveEjected() => Record("remove ejected");

    public void ReportBalloon() => Record("report balloon");

    public void ReportFailures() => Record("report failures");

    public bool LosesMemory { get; set; }

    public bool TryMendMemory()
    {
        Record("mend memory");
        return LosesMemory;
    }

    public void ResetHeld()
    {
        Record("reset");
        if (ResetFailure is not null)
        {
            throw ResetFailure;
        }
    }

    public void Dispose() => Record("teardown");

    public VcpuFault? TakeFault()
    {
        VcpuFault? fault = NextFault;
        NextFault = null;
        return fault;
    }

    private void Record(string call)
    {
        lock (_calls)
        {
            _calls.Add(call);
        }
    }
}
