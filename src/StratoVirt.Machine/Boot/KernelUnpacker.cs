using StratoVirt.Machine.Boot.Images;

namespace StratoVirt.Machine.Boot;

/// <summary>Unpacks kernels into files, for those who want to boot them as ELF.</summary>
public static class KernelUnpacker
{
    /// <summary>Writes the ELF image of a kernel: the payload of a bzImage, or the file itself when it is ELF already.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="destination">The file to write. It appears whole, replacing one that is there, or not at all.</param>
    /// <exception cref="MachineException">The file cannot be read, is no kernel, or is packed in a way this host cannot
    /// unpack.</exception>
    /// <exception cref="IOException">The destination cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public static void Unpack(string kernel, string destination)
    {
        ArgumentException.ThrowIfNullOrEmpty(kernel);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        using KernelImage image = KernelImage.Open(kernel, cache: null);
        if (image is not ElfKernel)
        {
            throw new MachineException(
                MachineErrorId.KernelUnrecognised,
                $"The kernel '{kernel}' holds no ELF image that this host can unpack.",
                "Use it as it is.");
        }

        string temporary = $"{destination}.{Guid.NewGuid():N}";
        try
        {
            using (FileStream output = File.Create(temporary))
            using (BootFileStream content = image.File.OpenRange(0, image.File.Length))
            {
                content.CopyTo(output);
            }

            File.Move(temporary, destination, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
