namespace AptHandler.SystemTests.Updates;

/// <summary>Dependencies on exactly one version, which apt's solver does not follow by itself.</summary>
public sealed class StrictDependencyTests(StrictDependencyTests.Published packages) : DeviceTests<StrictDependencyTests.Published>(packages)
{
    private const string Unmet = "0x30200301";

    private static readonly string[] ChainAt1 = ["low 1.0-0 installed", "lowest 1.0 installed", "mid 1.0 installed", "top 1.0 installed"];

    [Fact]
    public void A_chain_of_strict_dependencies_is_followed_to_its_end_and_told()
    {
        Root.AptGet("update");
        using (var plan = Device.Ask("plan", Device.Manifest("top=1.0")))
        {
            Answer.Changes(plan.RootElement).Should().BeEquivalentTo("top - -> 1.0", "mid - -> 1.0", "low - -> 1.0-0", "lowest - -> 1.0");
            plan.RootElement.GetProperty("details")
                .GetString()
                .Should()
                .EndWith("pinned by strict dependencies: mid 1.0 (for top), low 1.0-0 (for mid), lowest 1.0 (for low)");
        }

        Root.Packages().Should().BeEmpty("a plan changes nothing");
        Device.Deployed("top=1.0").Details.Should().Contain("low 1.0-0 (for mid)");
        Root.Packages().Should().Equal(ChainAt1);
        Root.AutoMarks().Should().BeEquivalentTo("mid", "low", "lowest");
    }

    [Fact]
    public void A_downgrade_takes_the_chain_along_and_every_package_keeps_its_mark()
    {
        Root.Install("top", "low");
        Root.AutoMarks().Should().BeEquivalentTo("mid", "lowest");
        Device.Deployed("top=1.0");
        Root.Packages().Should().Equal(ChainAt1);
        Root.AutoMarks().Should().BeEquivalentTo("mid", "lowest");

        Device.Deployed("top=2.0", "lowest=2.0");
        Root.Installed("mid").Should().Be("2.0");
        Root.AutoMarks().Should().BeEquivalentTo(["mid"], "lowest was asked for by name");
    }

    [Fact]
    public void A_strict_pre_dependency_is_followed()
    {
        Device.Deployed("early");
        Root.Packages().Should().Equal("early 1 installed", "low 1.0-0 installed", "lowest 1.0 installed");
        Root.AutoMarks().Should().BeEquivalentTo("low", "lowest");
    }

    [Fact]
    public void A_strict_dependency_on_what_is_not_there_names_the_package_that_has_it()
    {
        Device.Refused(1, Unmet, "lost").Details.Should().Contain("lost : Depends: mid (= 9.9)");
        Device.Refused(1, Unmet, "lost-in-space").Details.Should().Contain("lost-in-space : Depends: space (= 1)");
    }

    [Fact]
    public void Pins_of_a_manifest_that_contradict_each_other_name_the_dependency()
    {
        Device.Refused(1, Unmet, "top=1.0", "mid=2.0").Details.Should().Contain("top : Depends: mid (= 1.0)");
        Device.Refused(1, Unmet, "top=1.0", "lowest=2.0").Details.Should().Contain("lowest");
    }

    [Fact]
    public void A_package_in_the_manifest_decides_for_a_dependency_that_admits_several_versions()
    {
        Device.Deployed("loose", "mid=1.0");
        Root.Packages().Should().Equal("loose 1 installed", "low 1.0-0 installed", "lowest 1.0 installed", "mid 1.0 installed");
    }

    [Fact]
    public void A_strict_dependency_on_something_virtual_is_left_to_apt()
    {
        Device.Deployed("needs-service");
        Root.Packages().Should().Equal("needs-service 1 installed", "serves 1 installed");
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("top", "1.0", depends: "mid (= 1.0)")
                .Package("top", "2.0", depends: "mid (= 2.0)")
                .Package("mid", "1.0", depends: "low (= 1.0)")
                .Package("mid", "2.0", depends: "low (= 2.0)")
                .Package("low", "1.0-0", depends: "lowest (= 1.0)")
                .Package("low", "2.0", depends: "lowest (= 2.0)")
                .Package("lowest", "1.0")
                .Package("lowest", "2.0")
                .Package("early", "1", fields: "Pre-Depends: low (= 1.0-0)")
                .Package("lost", "1", depends: "mid (= 9.9)")
                .Package("lost-in-space", "1", depends: "space (= 1)")
                .Package("loose", "1", depends: "mid (>= 1.0)")
                .Package("needs-service", "1", depends: "service (= 1.0)")
                .Package("serves", "1", fields: "Provides: service (= 1.0)")
        );
}
