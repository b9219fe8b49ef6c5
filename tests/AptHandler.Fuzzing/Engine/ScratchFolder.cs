namespace AptHandler.Fuzzing.Engine;

/// <summary>Files for readers that want a file. In memory where that can be had, because it is written for every input.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    private readonly string _path = Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"du-apt-fuzz-{Guid.NewGuid():N}");

    /// <summary>Makes the folder. It is gone at the end of the process, too: after a hang nobody disposes of anything.</summary>
    public ScratchFolder()
    {
        Directory.CreateDirectory(_path);
        AppDomain.CurrentDomain.ProcessExit += Delete;
    }

    /// <summary>The path of a file; its folder is made.</summary>
    public string this[string name]
    {
        get
        {
            string path = Path.Combine(_path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return path;
        }
    }

    /// <summary>Writes a file.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = this[name];
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= Delete;
        Delete(null, EventArgs.Empty);
    }

    private void Delete(object? sender, EventArgs e) => Directory.Delete(_path, recursive: true);
}
