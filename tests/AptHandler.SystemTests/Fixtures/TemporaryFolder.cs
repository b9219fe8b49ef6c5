namespace AptHandler.SystemTests.Fixtures;

/// <summary>A folder that is gone when the test is.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private static readonly List<RunningCommand> Removers = [];

    public TemporaryFolder(string prefix) => Location = Directory.CreateTempSubdirectory($"du-apt-{prefix}-").FullName;

    public string Location { get; }

    public static implicit operator string(TemporaryFolder folder) => folder.Location;

    public override string ToString() => Location;

    /// <summary>
    /// Has a folder removed when the process of the tests ends, however that does. Another process does it: this one is killed when it
    /// takes long to end.
    /// </summary>
    public static void RemoveAtTheEnd(string folder)
    {
        var remover = new RunningCommand("sh", ["-c", "cat >/dev/null; rm -rf \"$0\"", folder]);
        lock (Removers)
            Removers.Add(remover);
    }

    public void Dispose()
    {
        // gpg-agent removes its sockets when it sees its folder go, and so can win the race for a file.
        for (var attempt = 1; Directory.Exists(Location); attempt++)
        {
            try
            {
                Directory.Delete(Location, recursive: true);
            }
            catch (IOException) when (attempt < 10)
            {
                Thread.Sleep(10);
            }
        }
    }
}
