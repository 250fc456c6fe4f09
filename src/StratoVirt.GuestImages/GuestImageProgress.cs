namespace StratoVirt.GuestImages;

/// <summary>How far the making of a guest image has come.</summary>
/// <param name="Status">What is being done now, for example <c>Downloading linux-image-6.1.0-56-amd64</c>.</param>
/// <param name="PercentComplete">0 to 100 of the current step, or -1 where its length is not known.</param>
public readonly record struct GuestImageProgress(string Status, int PercentComplete);
