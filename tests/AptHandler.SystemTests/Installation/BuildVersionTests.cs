using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>Which version a build has that does not know the history of the project.</summary>
public sealed class BuildVersionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("version");

    [Theory]
    [InlineData("true")]
    [InlineData("rm -rf .git")]
    public void A_shallow_clone_and_a_source_archive_have_that_of_version_json_alone(string then)
    {
        var version = Command
            .Run(
                "bash",
                [
                    "-euo",
                    "pipefail",
                    "-c",
                    $"""
                    git clone -q --depth 1 file://{SourceTree.Root} {_folder}/source
                    cd {_folder}/source
                    {then}
                    dotnet restore handler/AptHandler.Core --locked-mode -v quiet --nologo >&2
                    . {SourceTree.Script("publish.sh")}
                    version_of_commit
                    """,
                ]
            )
            .Succeeded("tell the version")
            .Output;

        version.Should().MatchRegex(@"\A[0-9]+\.[0-9]+\.0(~[a-z]+)?\n\z");
    }

    public void Dispose() => _folder.Dispose();
}
