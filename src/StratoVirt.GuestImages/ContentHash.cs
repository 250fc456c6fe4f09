using System.Security.Cryptography;
using System.Text;

namespace StratoVirt.GuestImages;

/// <summary>SHA-256 as lower-case hexadecimal, of files and of lists of facts.</summary>
internal static class ContentHash
{
    private const int ChunkSize = 1024 * 1024;

    public static string OfStream(Stream stream, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = new byte[ChunkSize];
        int length;
        while ((length = stream.Read(chunk)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(chunk.AsSpan(0, length));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static string OfBytes(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Hash of facts in order; no two different lists give the same text.</summary>
    public static string OfFacts(IEnumerable<string> facts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string fact in facts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(fact);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
