namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>
/// Passes at most so many bytes on to another stream, so that a small file cannot unpack to more than it announced;
/// and remembers whether the other stream failed, which is then not the packed data's fault.
/// </summary>
internal sealed class BoundedOutput(Stream output, long limit) : Stream
{
    /// <summary>Bytes passed on.</summary>
    public long Written { get; private set; }

    /// <summary>The other stream has thrown.</summary>
    public bool HasFailed { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => Written;

    /// <inheritdoc/>
    public override long Position
    {
        get => Written;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > limit - Written)
        {
            throw new InvalidDataException($"More than {limit} bytes come out.");
        }

        try
        {
            output.Write(buffer);
        }
        catch
        {
            HasFailed = true;
            throw;
        }

        Written += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
