using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>What the tests of <c>du-apt repository create</c> have in common.</summary>
public abstract class CreateTest(CreatePackages packages) : IClassFixture<CreatePackages>, IDisposable
{
    private protected SnapshotStore Store { get; } = new(packages);

    private protected CreatePackages Packages => packages;

    private protected Device Desk => Store.Desk;

    public void Dispose()
    {
        Store.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected IEnumerable<string?> Archives() =>
        Directory.Exists(Desk.Root.Caches)
            ? Directory.GetFiles(Desk.Root.Caches, "*.deb", SearchOption.AllDirectories).Select(Path.GetFileName)
            : [];

    private protected void ForgetArchives()
    {
        foreach (var file in Directory.GetFiles(Desk.Root.Caches, "*.deb", SearchOption.AllDirectories))
            File.Delete(file);
    }

    private protected string SourcesForAllArchitectures()
    {
        var sources = Desk.Root.At("flat.list");
        File.WriteAllText(sources, packages.Repository.IndexFlat());
        return sources;
    }
}

/// <summary>The packages that the snapshots are made of.</summary>
public sealed class CreatePackages()
    : PublishedPackages(repository =>
        repository
            .Package("app", "1:1.0+x", depends: "liba (>= 2)", architecture: "amd64")
            .Package("app", "1:2.0", architecture: "amd64")
            .Package("app", "1:2.0", architecture: "arm64")
            .Package("liba", "2", depends: "core")
            .Package("core", "1")
            .Package("tool", "1")
            .Package("old", "1")
            .Package("enemy", "1", fields: "Conflicts: liba")
            .Package("foreign", "1", architecture: "amd64")
            .Package("foreign", "2", architecture: "arm64")
            .Package("data", "1.0")
            .Package("data", "2.0")
            .Package("viewer", "1", depends: "data (= 1.0)", architecture: "amd64")
            .Package("viewer", "1", depends: "data (= 2.0)", architecture: "arm64")
            .Package("text", "1.0", architecture: "arm64")
            .Package("text", "2.0")
            .Package("reader", "1", depends: "text (= 2.0)", architecture: "amd64")
            .Package("reader", "1", depends: "text (= 1.0)", architecture: "arm64")
    )
{
    /// <summary>The file of a package.</summary>
    public string Deb(string package) =>
        package == "app" ? Repository.Deb("app", "1:1.0+x", "amd64") : Repository.Deb(package, package == "liba" ? "2" : "1");
}
