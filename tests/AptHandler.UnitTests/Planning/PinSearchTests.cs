using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Planning;
using AptHandler.Planning.Pins;

namespace AptHandler.UnitTests.Planning;

/// <summary>In which order the search asks apt, and when it stops. That apt agrees is for the system tests.</summary>
public sealed class PinSearchTests
{
    [Fact]
    public void The_best_version_comes_first_by_candidate_then_priority_then_age()
    {
        var packages = new Packages();
        packages.Add("app", "1", "Depends: lib");
        packages.Add("lib", "5", priority: 1).Add("lib", "4", priority: 100).Add("lib", "3", isCandidate: true);
        packages.Add("lib", "2").Add("lib", "1").Add("lib", "6", priority: -1);
        packages.Asked("app=1").Should().Equal("lib=3", "lib=2", "lib=1", "lib=4", "lib=5");
    }

    [Fact]
    public void A_downgrade_comes_last()
    {
        var packages = new Packages();
        packages.Add("app", "1", "Depends: abi");
        foreach (string version in new[] { "1", "2", "4", "5" })
            packages.Add("lib", version, "Provides: abi", priority: version == "5" ? 10 : 500, isCandidate: version == "4");
        packages.Install("lib", "3");
        packages.Asked("app=1").Should().Equal("lib=4", "lib=5", "lib=2", "lib=1");
    }

    [Fact]
    public void What_is_installed_and_broken_by_what_comes_is_raised_and_never_lowered()
    {
        var packages = new Packages();
        packages.Add("app", "1", "Breaks: lib (= 3)");
        packages.Add("lib", "2").Add("lib", "4").Add("lib", "3").Add("lib", "5");
        packages.Install("lib", "3");
        packages.Asked("app=1").Should().Equal("lib=5", "lib=4");
    }

    [Fact]
    public void Only_what_apt_would_not_choose_by_itself_is_pinned()
    {
        var packages = new Packages();
        packages.Add("app", "1", "Depends: lib (<< 2), tool | other-tool, web-abi");
        packages.Add("lib", "1", "Depends: low").Add("lib", "2", isCandidate: true);
        packages.Add("low", "1", isCandidate: true).Add("tool", "1", isCandidate: true).Add("other-tool", "1", isCandidate: true);
        packages.Add("srv", "1", "Provides: web-abi", isCandidate: true);
        packages.Found("app=1").Should().Be("lib=1");
    }

    [Fact]
    public void An_alternative_that_is_not_the_first_one_is_pinned()
    {
        var packages = new Packages();
        packages.Add("app", "1", "Depends: tool | other-tool");
        packages.Add("tool", "1", "Depends: nosuch", isCandidate: true).Add("other-tool", "1", isCandidate: true);
        packages.Found("app=1").Should().Be("other-tool=1");
    }

    [Fact]
    public void Two_hundred_plans_are_tried_and_no_more()
    {
        var packages = new Packages();
        packages.Add("app", "1", "Depends: one, two");
        for (int i = 0; i < 30; i++)
            packages.Add("one", $"{i}").Add("two", $"{i}");
        PinSearch search = packages.Search(_ => false, "app=1");
        search.Plan.Should().BeNull();
        packages.Judged.Should().HaveCount(PlanAttempt.MostPlans);
        search
            .Explanation.Should()
            .StartWith("apt refuses every combination that the dependencies allow (not all combinations were tried: given up after 200 ");
    }

    [Fact]
    public void A_search_for_something_better_than_what_apt_has_ends_with_that()
    {
        var packages = new Packages();
        packages.Add("new", "1", "Conflicts: old").Add("old", "2");
        packages.Install("old", "1");
        PinSearch search = packages.Search(_ => true, isForBetter: true, "new=1");
        (search.Plan, packages.Judged).Should().BeEquivalentTo(((AptPlan?)null, Array.Empty<string>()));
    }

    [Fact]
    public void A_foreign_package_is_served_by_its_own_architecture_and_by_what_serves_all()
    {
        var packages = new Packages();
        packages.Add("app", "1", "Architecture: i386\nDepends: lib (<< 2), tool (<< 2), shared (<< 2)");
        packages.Add("lib", "1").Add("lib", "2", isCandidate: true);
        packages.Add("lib", "1.5", "Architecture: i386").Add("lib", "2", "Architecture: i386", isCandidate: true);
        packages.Add("tool", "1", "Multi-Arch: foreign").Add("tool", "2", "Multi-Arch: foreign", isCandidate: true);
        packages.Add("shared", "1", "Architecture: i386\nMulti-Arch: same").Add("shared", "0.5", "Architecture: i386\nMulti-Arch: same");
        packages.Add("shared", "1", "Multi-Arch: same");
        packages.Install("shared", "0.9", "Multi-Arch: same");
        packages.Found("app:i386=1").Should().Be("lib:i386=1.5 tool=1 shared:i386=1 shared=1");
    }

    [Fact]
    public void Words_of_a_repository_that_are_no_names_and_versions_are_never_asked_for()
    {
        var packages = new Packages();
        packages.Add("app", "1", "Depends: lib (<< 2), -o=x (>= 1) | --help, UPPER, a:b:c, lib | -c=/tmp/x\nProvides: -q (= 1)");
        packages.Add("lib", "2", isCandidate: true).Add("lib", "-y").Add("lib", "1 -y").Add("-lib", "1", "Provides: lib (= 1)");
        packages.Add("lib2", "1", "Architecture: -x\nProvides: lib (= 1)");
        packages.Add("lib", "1");
        packages.Asked("app=1").Should().BeEmpty();
        packages.Names.Should().OnlyContain(name => IsName(name));
    }

    [Fact]
    public void A_search_hears_a_cancellation()
    {
        var packages = new Packages();
        packages.Add("app", "1", "Depends: lib").Add("lib", "1").Add("lib", "2");
        using var cancellation = new CancellationTokenSource();
        Action search = () =>
            packages.Search(
                _ =>
                {
                    cancellation.Cancel();
                    return false;
                },
                isForBetter: false,
                cancellation.Token,
                "app=1"
            );
        search.Should().Throw<OperationCanceledException>();
        packages.Judged.Should().ContainSingle();
    }

    private static bool IsName(string name) => PackageName.TryParse(name, out _, out _);

    private sealed class Packages : IPackageIndex
    {
        private readonly List<Entry> _entries = [];
        private readonly List<ControlParagraph> _installed = [];

        public List<string> Judged { get; } = [];

        public List<string> Names { get; } = [];

        public Packages Add(string name, string version, string fields = "", int priority = 500, bool isCandidate = false)
        {
            ControlParagraph paragraph = Paragraph(name, version, fields);
            string key = paragraph["Architecture"] is "" ? name : $"{name}:{paragraph["Architecture"]}";
            _entries.Add(new Entry(key, version, priority, isCandidate, paragraph));
            return this;
        }

        public void Install(string name, string version, string fields = "") =>
            _installed.Add(Paragraph(name, version, $"Status: install ok installed\n{fields}"));

        /// <summary>The sets of pins that apt is asked about when it refuses each.</summary>
        public List<string> Asked(params string[] wishes)
        {
            Search(_ => false, wishes);
            return Judged;
        }

        /// <summary>The first set of pins.</summary>
        public string Found(params string[] wishes)
        {
            PinSearch search = Search(_ => true, wishes);
            search.Plan.Should().NotBeNull(search.Explanation);
            return string.Join(' ', search.Pins.Select(pin => pin.Word));
        }

        public PinSearch Search(Predicate<string> accepts, params string[] wishes) => Search(accepts, isForBetter: false, wishes);

        public PinSearch Search(Predicate<string> accepts, bool isForBetter, params string[] wishes) =>
            Search(accepts, isForBetter, default, wishes);

        public PinSearch Search(Predicate<string> accepts, bool isForBetter, CancellationToken cancellation, params string[] wishes)
        {
            var catalog = new PackageCatalog(this, "amd64", cancellation);
            var search = new PinSearch(catalog, Judge, PlanAttempt.MostPlans) { IsForBetter = isForBetter };
            var all = wishes.ToDictionary(wish => wish.Split('=')[0], wish => (string?)wish.Split('=')[1], StringComparer.Ordinal);
            search.Run(all, cancellation);
            return search;

            AptPlan? Judge(IReadOnlyList<ForcedPin> pins, IReadOnlyList<string> going)
            {
                Judged.Add(string.Join(' ', pins.Select(pin => pin.Word)));
                return accepts(Judged[^1]) ? AptPlan.TryParse("") : null;
            }
        }

        public RepositoryVersions Versions(IEnumerable<string> names, CancellationToken cancellation) =>
            RepositoryVersions.Parse(string.Concat(Of(names).GroupBy(entry => entry.Key, StringComparer.Ordinal).Select(Block)));

        public IReadOnlyList<ControlParagraph> ShowAll(IEnumerable<string> names, CancellationToken cancellation) =>
            [.. Of(names).Select(entry => entry.Paragraph)];

        public IReadOnlyList<string> Providers(IEnumerable<string> names, CancellationToken cancellation)
        {
            string[] all = [.. names];
            Names.AddRange(all);
            return [.. _entries.Where(Provides).Select(entry => entry.Key)];

            bool Provides(Entry entry) => entry.Paragraph.Relations("Provides").Any(provided => all.Contains(provided.Name));
        }

        public IReadOnlyList<ControlParagraph> Installed() => _installed;

        private static string Block(IGrouping<string, Entry> package)
        {
            string candidate = package.FirstOrDefault(entry => entry.IsCandidate)?.Version ?? "(none)";
            return $"{package.Key}:\n  Candidate: {candidate}\n  Version table:\n{string.Concat(package.Select(Line))}";
        }

        private static string Line(Entry entry) =>
            $"     {entry.Version} {entry.Priority}\n       {entry.Priority, 4} http://one.example stable/main amd64 Packages\n";

        private static ControlParagraph Paragraph(string name, string version, string fields) =>
            ControlParagraph.ParseAll($"Package: {name}\nVersion: {version}\n{fields}").Single();

        private List<Entry> Of(IEnumerable<string> names)
        {
            string[] all = [.. names];
            Names.AddRange(all);
            return [.. _entries.Where(entry => all.Contains(entry.Key))];
        }

        private sealed record Entry(string Key, string Version, int Priority, bool IsCandidate, ControlParagraph Paragraph);
    }
}
