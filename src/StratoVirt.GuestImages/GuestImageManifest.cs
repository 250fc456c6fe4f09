using System.Text.Json;
using System.Text.Json.Serialization;

namespace StratoVirt.GuestImages;

/// <summary>What is written beside a cached image, last: an image without it does not count.</summary>
/// <param name="KernelRelease">See <see cref="GuestImage.KernelRelease"/>.</param>
/// <param name="Modules">See <see cref="GuestImage.Modules"/>.</param>
/// <param name="Source">See <see cref="GuestImage.Source"/>.</param>
internal sealed record GuestImageManifest(string KernelRelease, IReadOnlyList<string> Modules, string Source)
{
    public const string FileName = "image.json";

    /// <summary>Reads the manifest in a directory; null if there is none that can be used.</summary>
    public static GuestImageManifest? TryRead(string directory)
    {
        try
        {
            return JsonSerializer.Deserialize(
                File.ReadAllBytes(Path.Combine(directory, FileName)), GuestImageJson.Default.GuestImageManifest);
        }
        catch (Exception cause) when (cause is IOException or JsonException)
        {
            // Not there, or cut short: the image is made again in its place.
            return null;
        }
    }

    public void Write(string directory) => File.WriteAllBytes(
        Path.Combine(directory, FileName),
        JsonSerializer.SerializeToUtf8Bytes(this, GuestImageJson.Default.GuestImageManifest));
}

[JsonSerializable(typeof(GuestImageManifest))]
[JsonSourceGenerationOptions(WriteIndented = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
internal sealed partial class GuestImageJson : JsonSerializerContext;
