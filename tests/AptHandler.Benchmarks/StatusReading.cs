using AptHandler.Debian;
using BenchmarkDotNet.Attributes;

namespace AptHandler.Benchmarks;

/// <summary>Reading the status file from the disk (that is, from the page cache). The peer is libapt-pkg's pkgTagFile with four fields of
/// each stanza.</summary>
[MemoryDiagnoser]
public class StatusReading
{
    private readonly string _folder = Directory.CreateTempSubdirectory("status-reading-").FullName;

    /// <summary>Writes the file.</summary>
    [GlobalSetup]
    public void Write() => Inputs.WriteTo(_folder);

    /// <summary>Removes the file.</summary>
    [GlobalCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    /// <summary>Reads all entries, and finds one.</summary>
    [Benchmark]
    public int ReadAll() => ReadAll(Inputs.StatusPath(_folder));

    /// <summary>Reads all entries of a file, and finds one.</summary>
    public static int ReadAll(string path)
    {
        DpkgStatus status = DpkgStatus.Read(path, "amd64");
        return status.Entries.Count + (status.Find(new PackageName("dpkg", null)) is null ? 0 : 1);
    }
}
