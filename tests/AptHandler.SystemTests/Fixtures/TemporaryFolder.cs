namespace AptHandler.SystemTests.Fixtures;

/// <summary>A folder that is gone when the test is.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder(string prefix) => Location = Directory.CreateTempSubdirectory($"du-apt-{prefix}-").FullName;

    public string Location { get; }

    public static implicit operator string(TemporaryFolder folder) => folder.Location;

    public override string ToString() => Location;

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
