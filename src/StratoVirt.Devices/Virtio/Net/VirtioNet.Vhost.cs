using StratoVirt.Backends.Net;

namespace StratoVirt.Devices.Virtio.Net;

/// <content>Pairs of queues that the host's kernel serves (vhost_net), where the host's side has that: it moves the frames
/// and hears the doorbells, and this process keeps the rest of the card.</content>
public sealed partial class VirtioNet
{
    private readonly NetVhostPair[] _vhosts;

    /// <inheritdoc/>
    public override ulong CommonFeatures => _host.Queues[0].Vhost is { } vhost
        ? VirtioFeatures.Version1 | (vhost.Features & (VirtioFeatures.IndirectDescriptors | VirtioFeatures.EventIndex))
        : VirtioFeatures.Common;

    /// <summary>Whether the host's kernel moves the frames, none of which are counted or held back here.</summary>
    public bool IsVhost => _vhosts.Length != 0;

    /// <inheritdoc/>
    protected override bool AnswersDoorbell(int queue) => !IsVhost || queue == ControlQueueIndex;

    /// <inheritdoc/>
    protected override void OnResumed()
    {
        if (IsVhost)
        {
            Thread.Invoke(UpdateVhost);
        }
    }

    // Gives the kernel the pairs that are in use while the card works, and takes back the others. A link that is down is a
    // card that does not work: what the driver sends lies in its queue until it is up again.
    private void UpdateVhost()
    {
        for (int i = 0; i < _vhosts.Length; i++)
        {
            NetVhostPair vhost = _vhosts[i];
            if (Active is not { } active)
            {
                return;
            }

            bool works = !IsPaused && IsLinkUp && Fault is null && i < _pairsInUse
                && active.Queues[_pairs[i].ReceiveQueue] is not null && active.Queues[_pairs[i].SendQueue] is not null;
            if (!works)
            {
                vhost.Stop(active);
            }
            else if (!vhost.IsStarted)
            {
                StartVhost(vhost, active);
            }
        }
    }

    private void StartVhost(NetVhostPair vhost, VirtioActivation active)
    {
        try
        {
            vhost.Start(Thread, active, Doorbells, OnQueueBroken, LoseHost);
        }
        catch (NetBackendException refused)
        {
            Fail(refused.Message);
        }
    }

    private void OnQueueBroken(int queue)
    {
        Fail($"the driver broke queue {queue} or {queue + 1}, as the host's kernel found");
        UpdateVhost();
    }

    private void StopVhost() => Thread.Invoke(() =>
    {
        foreach (NetVhostPair vhost in _vhosts)
        {
            vhost.Stop(Active!);
        }
    });
}
