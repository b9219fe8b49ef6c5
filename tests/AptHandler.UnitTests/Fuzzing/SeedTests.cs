using AptHandler.Fuzzing.Engine;
using AptHandler.Fuzzing.Targets;

namespace AptHandler.UnitTests.Fuzzing;

/// <summary>What fuzzing begins with, and what it has found before.</summary>
public sealed class SeedTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public static TheoryData<string> Targets
    {
        get
        {
            using var scratch = new ScratchFolder();
            return [.. AllTargets.Make(scratch).Select(target => target.Name)];
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Nothing_is_wrong_with_any_seed_of_a_target(string name)
    {
        FuzzTarget target = AllTargets.Make(_scratch).Single(each => each.Name == name);
        string[] files = [.. SeedCorpus.FilesOf(target)];

        files.Should().NotBeEmpty();
        foreach (string file in files)
            Finding.Try(target, File.ReadAllBytes(file)).Should().BeNull(file);
    }

    public void Dispose() => _scratch.Dispose();
}
