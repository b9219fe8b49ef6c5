using System.Text.Json.Nodes;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.DesiredState;

/// <summary>Any diverging package version or source entry can be identified.</summary>
public sealed class DriftTests(DriftTests.Published packages) : DeviceTests<DriftTests.Published>(packages)
{
    [Fact]
    public void A_device_that_is_as_the_update_left_it_has_not_drifted()
    {
        Device.Deployed("app=1", "free", "gone-");
        Drift().Should().BeEmpty();
        var said = Root.DuApt("drift");
        (said.ExitStatus, said.Output).Should().Be((0, "Nothing has drifted from update1-1.0.\n"));
    }

    [Theory]
    [InlineData("install app=2", "package app 1 2 manifest")]
    [InlineData("remove app", "package app 1 - manifest")]
    [InlineData("install gone", "package gone - 1 manifest")]
    [InlineData("install free=1", "package free 2 1 update")]
    [InlineData("remove free", "package free any - manifest")]
    [InlineData("install lib=1", "package lib 2 1 update")]
    [InlineData("remove leftover", "")]
    [InlineData("install leftover=2", "")]
    public void Each_difference_is_named_with_what_is_wanted_and_by_whom(string change, string difference)
    {
        Root.Install("leftover=1");
        Device.Deployed("app=1", "free", "gone-");
        Root.AptGet(["-y", "--allow-downgrades", .. change.Split(' ')]);
        Drift().Should().Equal(difference.Length > 0 ? [difference] : []);
        Root.DuApt("drift").ExitStatus.Should().Be(difference.Length > 0 ? 5 : 0);
    }

    [Theory]
    [InlineData("install lib=1")]
    [InlineData("install free=1")]
    public void What_no_manifest_pins_is_not_mended_by_deploying_again_and_nobody_says_so(string change)
    {
        var manifest = Device.Manifest("app=1", "free");
        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        Root.AptGet(["-y", "--allow-downgrades", .. change.Split(' ')]);
        Root.DuApt("drift")
            .Output.Should()
            .Contain(
                "; the update left 2\nDrifted from update1-1.0; to deploy it again mends nothing of that, because its manifest "
                    + "does not pin it"
            );
        Device.Run("deploy", manifest).ResultCode.Should().Be(900);
        Drift().Should().ContainSingle();
    }

    [Fact]
    public void What_the_first_run_of_an_update_brought_along_is_still_wanted_after_the_second()
    {
        var manifest = Device.Manifest("app=1");
        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        Root.AptGet("-y", "remove", "app");
        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        Drift().Should().BeEmpty();
        Root.Install("lib=1");
        Drift().Should().Equal("package lib 2 1 update");
    }

    [Fact]
    public void A_package_that_the_manifest_names_with_its_architecture_is_told_once()
    {
        Device.Deployed("free:amd64=2");
        Root.AptGet("-y", "remove", "free");
        Drift().Should().Equal("package free:amd64 2 - manifest");
    }

    [Fact]
    public void What_drifted_is_said_in_words_and_mended_by_deploying_again()
    {
        var manifest = Device.Manifest("app=1", "gone-");
        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        Root.Install("gone");
        Root.Unpack(Packages.Repository.Deb("app", "2"));
        var said = Root.DuApt("drift");
        said.ExitStatus.Should().Be(5);
        said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            .Should()
            .Equal(
                "app is Unpacked; the manifest wants 1",
                "gone is 1; the manifest wants it gone",
                "Drifted from update1-1.0; deploy it again to mend what the manifest wants."
            );
        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        Drift().Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, "source contoso present changed manifest")]
    [InlineData(true, "source contoso present - manifest")]
    public void A_source_of_the_manifest_that_was_changed_or_removed_is_drift(bool remove, string difference)
    {
        Device.Configure("allowSources", "any");
        var manifest = Device.SourcedManifest(
            new JsonObject { ["contoso"] = Packages.Repository.AsSource($"{Packages.Server.Uri}/./") },
            "free"
        );
        Device.Run("deploy", manifest).Cause.Should().Be((0, 700, "0x00000000"));
        Drift().Should().BeEmpty();
        var file = Root.At("etc/apt/sources.list.d/du-apt-contoso.sources");
        if (remove)
            File.Delete(file);
        else
            File.AppendAllText(file, "Enabled: no\n");
        Drift().Should().Equal(difference);
    }

    [Fact]
    public void The_newest_update_that_is_installed_counts_and_none_that_failed_or_was_undone()
    {
        Device.Deployed("app=1");
        Device.Deploy("app=3").ExitStatus.Should().Be(1);
        Drift().Should().BeEmpty();
        Device.Deployed("app=2");
        Drift().Should().BeEmpty();
        Device.Run("restore").ResultCode.Should().Be(1100);
        Drift().Should().BeEmpty("that was the wish before");
    }

    [Fact]
    public void Without_an_update_there_is_nothing_to_drift_from()
    {
        var said = Root.DuApt("drift");
        (said.ExitStatus, said.Output).Should().Be((2, ""));
        said.Errors.Should().Contain("no update is recorded as installed");
    }

    [Theory]
    [InlineData("000001/manifest.json", 1)]
    [InlineData("000002/manifest.json", 2)]
    [InlineData("000002/update.json", 2)]
    public void A_damaged_record_is_told_and_not_taken_for_a_device_without_drift(string file, int number)
    {
        Device.Deployed("app=1");
        if (number == 2)
            Device.Deployed("app=2");
        File.WriteAllText(Root.At($"var/lib/du-apt-handler/updates/{file}"), "{");
        var said = Root.DuApt("drift");
        said.ExitStatus.Should().Be(2);
        said.Errors.Should().Contain($"the record of update {number} is damaged");
        using var state = Device.Ask("state");
        state.RootElement.GetProperty("state").GetProperty("executionState").GetInt32().Should().Be(0, "nobody knows");
        state
            .RootElement.GetProperty("state")
            .GetProperty("executionSubstateDetails")
            .GetString()
            .Should()
            .Be($"the record of update {number} is damaged");
        Root.DuApt("state").Output.Should().StartWith($"unknown: the record of update {number} is damaged\n");
    }

    private List<string> Drift()
    {
        using var answer = Device.Ask("drift");
        var differences = answer
            .RootElement.GetProperty("differences")
            .EnumerateArray()
            .Select(each => string.Join(' ', each.EnumerateObject().Select(member => member.Value.GetString() ?? "-")))
            .ToList();
        answer.RootElement.GetProperty("hasDrifted").GetBoolean().Should().Be(differences.Count > 0);
        return differences;
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("app", "1", depends: "lib")
                .Package("app", "2", depends: "lib")
                .Package("lib", "1")
                .Package("lib", "2")
                .Package("free", "1")
                .Package("free", "2")
                .Package("gone", "1")
                .Package("leftover", "1")
                .Package("leftover", "2")
        );
}
