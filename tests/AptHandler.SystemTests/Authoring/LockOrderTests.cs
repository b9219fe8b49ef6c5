using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>The order of a locked manifest is one in which dpkg takes its packages one by one.</summary>
public sealed class LockOrderTests(LockOrderTests.Published packages) : AuthoringTests<LockOrderTests.Published>(packages)
{
    private const int Tangled = 40;

    [Fact]
    public void Each_package_can_be_installed_by_itself_in_the_order_of_the_lock()
    {
        Root.Install("old", "stays");
        InstallOneByOne(Locked(Device.Manifest("first", "stays", "replacement", "last")));
        Root.Packages()
            .Should()
            .Equal(
                "base 1 installed",
                "first 1 installed",
                "last 1 installed",
                "left 1 installed",
                "needs-service 1 installed",
                "old 1 config-files",
                "pre 1 installed",
                "replacement 1 installed",
                "right 1 installed",
                "serves 1 installed",
                "stays 1 installed"
            );
    }

    [Fact]
    public void A_tangle_of_dependencies_is_put_in_order_wherever_it_is_begun()
    {
        Root.AptGet("update");
        var entries = Locked(Device.Manifest([.. Enumerable.Range(0, Tangled / 4).Select(number => $"tangled{number:00}")]));
        entries.Should().HaveCountGreaterThan(Tangled / 2);
        InstallOneByOne(entries);
        Root.Packages().Should().BeEquivalentTo(entries.Select(entry => $"{entry} installed"));
    }

    private void InstallOneByOne(IEnumerable<string> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.EndsWith('-'))
                Root.Dpkg("--remove", entry[..^1]).Succeeded($"remove {entry}");
            else
                Root.Dpkg("--install", Packages.Repository.Deb(entry.Split(' ')[0], entry.Split(' ')[1]))
                    .Succeeded($"install {entry} by itself");
        }
    }

    public sealed class Published()
        : PublishedPackages(repository =>
        {
            repository
                .Package("last", "1", depends: "left, right", fields: "Pre-Depends: pre")
                .Package("left", "1", depends: "base")
                .Package("right", "1", depends: "base, needs-service")
                .Package("base", "1", conffile: "/etc/base=1")
                .Package("pre", "1", depends: "base")
                .Package("needs-service", "1", depends: "service")
                .Package("serves", "1", fields: "Provides: service")
                .Package("first", "1", depends: "last")
                .Package("stays", "1")
                .Package("old", "1", conffile: "/etc/old=1")
                .Package("replacement", "1", fields: ["Conflicts: old", "Replaces: old"]);

            // Names say nothing of the order: each depends on some of those that come behind it in a shuffled row.
            var random = new Random(20);
            var row = Enumerable.Range(0, Tangled).ToArray();
            random.Shuffle(row);
            for (var i = 0; i < Tangled; i++)
            {
                var behind = row[(i + 1)..];
                random.Shuffle(behind);
                repository.Package(
                    $"tangled{row[i]:00}",
                    "1",
                    depends: behind.Length == 0 ? null : string.Join(", ", behind.Take(3).Select(number => $"tangled{number:00}"))
                );
            }
        });
}
