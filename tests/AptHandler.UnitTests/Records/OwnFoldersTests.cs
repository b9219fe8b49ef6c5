using AptHandler.Records;
using AptHandler.Settings;

namespace AptHandler.UnitTests.Records;

public sealed class OwnFoldersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Missing_folders_are_made_for_nobody_else_to_enter()
    {
        OwnFolders.Make(new Configuration { StateDir = _folder["a/state"], RunDir = _folder["b/run"] });

        foreach (string path in new[] { _folder["a/state"], _folder["b/run"] })
            (
                File.GetUnixFileMode(path)
                & (UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute)
            )
                .Should()
                .Be(UnixFileMode.None);
    }

    [Fact]
    public void Folders_that_are_there_stay_as_they_are()
    {
        var configuration = new Configuration
        {
            StateDir = Directory.CreateDirectory(_folder["state"]).FullName,
            RunDir = Directory.CreateDirectory(_folder["run"]).FullName,
        };
        File.SetUnixFileMode(configuration.StateDir, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        OwnFolders.Make(configuration);

        File.GetUnixFileMode(configuration.StateDir).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public void Dispose() => _folder.Dispose();
}
