namespace AptHandler.UnitTests.Debian;

/// <summary>A folder like /var/lib/dpkg, gone when the test ends.</summary>
internal sealed class StatusFolder : IDisposable
{
    public StatusFolder(string? status = null)
    {
        Folder = Directory.CreateTempSubdirectory("dpkg-status-").FullName;
        Updates = Directory.CreateDirectory(Path.Combine(Folder, "updates")).FullName;
        StatusPath = Path.Combine(Folder, "status");
        if (status is not null)
            File.WriteAllText(StatusPath, status);
    }

    public string Folder { get; }

    public string Updates { get; }

    public string StatusPath { get; }

    public static string Stanza(
        string name,
        string version,
        string status = "install ok installed",
        string architecture = "amd64",
        string more = ""
    ) =>
        $"Package: {name}\nStatus: {status}\nPriority: optional\nArchitecture: {architecture}\nVersion: {version}\n{more}Description: "
        + $"{name}\n Long text.\n .\n Version: not this\n";

    public StatusFolder WithUpdate(string file, string stanza)
    {
        File.WriteAllText(Path.Combine(Updates, file), stanza);
        return this;
    }

    // As dpkg does it: nobody sees half a file.
    public static void Replace(string path, string content)
    {
        File.WriteAllText(path + "-new", content);
        File.Move(path + "-new", path, overwrite: true);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
