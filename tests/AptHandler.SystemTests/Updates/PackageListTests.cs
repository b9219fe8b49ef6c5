using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>
/// Where package lists are missing nobody can tell what there is: then that is said, and not that a package does not exist.
/// </summary>
public sealed class PackageListTests : IDisposable
{
    private const string NotThere = "0x30200100";
    private const string Unmet = "0x30200301";
    private const string SourceUnusable = "0x30200318";
    private const string Nobody = "65534";

    private readonly Repository _repository = new();
    private readonly Repository _other = new();
    private readonly HttpServer _server;
    private readonly HttpServer _otherServer;
    private readonly Device _device;

    public PackageListTests()
    {
        _repository.Package("foo", "1").Package("foo", "2").Package("app", "1", depends: "elsewhere").Index();
        _other.Package("elsewhere", "1").Index();
        _server = new HttpServer(_repository);
        _otherServer = new HttpServer(_other);
        _device = new Device(_repository, _server);
    }

    private PrivateRoot Root => _device.Root;

    private string Source => Root.At("etc/apt/sources.list.d/private.sources");

    private string NoneOfTheSource => $"apt has no package lists that it can read: there are none of {_server.Uri} stable main";

    [Fact]
    public void Before_the_first_update_of_the_lists_it_is_said_that_there_are_none()
    {
        var manifest = _device.Manifest("foo=1", "fooo-");
        Plan(manifest, SourceUnusable).Should().StartWith(NoneOfTheSource);
        Lint(manifest)
            .Should()
            .Contain(
                "error not-planned: Nothing can be looked up here: apt has no package lists that it can read: there are none of "
                    + $"{_server.Uri} stable main"
            )
            .And.NotContain("unknown-package");
        Root.DuApt("manifest", "lock", manifest)
            .Should()
            .Match<Outcome>(outcome => outcome.ExitStatus == 1 && outcome.Errors.StartsWith($"du-apt: {NoneOfTheSource}"));

        _device.Run("deploy", manifest).ResultCode.Should().Be(700, "a deployment fetches them");
        Plan(_device.Manifest("fo"), NotThere).Should().Contain("no source has a package fo; similar names: foo; correct the manifest");
    }

    [Fact]
    public void Lists_of_other_sources_are_none_of_those_that_are_configured()
    {
        Root.AptGet("update");
        File.WriteAllText(Source, File.ReadAllText(Source).Replace("stable", "nosuite", StringComparison.Ordinal));

        Plan(_device.Manifest("foo=1"), SourceUnusable).Should().Contain($"there are none of {_server.Uri} nosuite main");
        _device
            .Refused(1, SourceUnusable, "foo=1")
            .Details.Should()
            .StartWith("there is no repository where a source says: apt-get update failed: ")
            .And.Contain("nosuite Release' does not have a Release file")
            .And.NotContain("no source has");
    }

    [Fact]
    public void A_device_without_any_source_is_told_so()
    {
        Root.AptGet("update");
        File.Delete(Source);
        const string NoSource = "apt has no package lists that it can read: there is no source; ";
        Plan(_device.Manifest("foo=1"), SourceUnusable)
            .Should()
            .StartWith(NoSource)
            .And.EndWith("where there is no source, write one into /etc/apt/sources.list.d");
        _device.Refused(1, SourceUnusable, "foo=1").Details.Should().StartWith(NoSource);
    }

    [Fact]
    public void A_file_of_sources_that_may_not_be_read_is_named()
    {
        Root.AptGet("update");
        Command.Run("chmod", ["-R", "a+rX", Root.Location]).Succeeded("let others in");
        File.SetUnixFileMode(Source, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var program = Root.At("du-apt");
        File.Copy(SourceTree.DuApt, program);
        var manifest = _device.Manifest("foo=1");

        var outcome = Command.Run(
            "setpriv",
            [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", program, "plan", manifest, "--config", Root.Configuration]
        );

        outcome.ExitStatus.Should().Be(1);
        outcome
            .Output.Should()
            .Contain(
                $"apt has no package lists that it can read: apt cannot read {Source} - open (13: Permission denied); there is no source;"
            );
    }

    [Fact]
    public void Where_some_lists_are_missing_it_is_said_which()
    {
        Root.AptGet("update");
        Root.AddSource("other", _other, _otherServer);
        var gap = $"there are no package lists of {_otherServer.Uri} stable main (apt-get update fetches them";
        Plan(_device.Manifest("elsewhere"), NotThere).Should().Contain($"no source has a package elsewhere; {gap}");
        Plan(_device.Manifest("foo=7"), NotThere).Should().Contain($"foo has no version 7 in the sources; there is 2, 1; {gap}");
        Plan(_device.Manifest("app"), Unmet).Should().Contain("elsewhere but it is not installable").And.Contain(gap);
        Lint(_device.Manifest("elsewhere")).Should().Contain("error unknown-package").And.Contain(gap);

        Root.AptGet("update");
        Plan(_device.Manifest("app"), "0x00000000").Should().Be("+elsewhere 1, +app 1");
    }

    [Fact]
    public void Where_a_source_is_not_there_the_update_says_so_and_what_else_is_missing()
    {
        Root.AptGet("update");
        Root.AddSource("other", _other, _otherServer);
        _otherServer.Down();
        _device
            .Refused(3, "0x30200308", "elsewhere")
            .Details.Should()
            .Contain("apt-get update failed: ")
            .And.Contain(
                $"in the lists that are there no source has a package elsewhere; there are no package lists of {_otherServer.Uri}"
            );
    }

    [Fact]
    public void A_component_that_a_repository_does_not_have_is_named()
    {
        File.WriteAllText(Source, File.ReadAllText(Source).Replace("main", "main nosuchcomponent", StringComparison.Ordinal));
        _device
            .Refused(1, NotThere, "missing")
            .Details.Should()
            .Contain(
                $"no source has a package missing; the lists of {_server.Uri} stable nosuchcomponent hold no packages (check suite "
                    + "and component)"
            );
        _device.Deployed("foo").Details.Should().NotContain("nosuchcomponent", "nothing is missing that could be there");
    }

    [Fact]
    public void What_is_installed_and_only_meant_to_be_the_newest_is_not_approved_without_lists()
    {
        Root.Install("foo=1");
        Command.Run("sh", ["-c", $"rm {Root.At("var/lib/apt/lists")}/*_*"]).Succeeded("take the lists away");
        var manifest = _device.Manifest("foo");
        Plan(manifest, "0x00000000")
            .Should()
            .Be(
                "no source has foo, and what is installed stays; apt has no package lists that it can read: there are none of "
                    + $"{_server.Uri} stable main; every package is as the manifest asks"
            );
        Lint(manifest).Should().Contain("warning missing-lists");
        Root.DuApt("manifest", "lock", manifest)
            .Should()
            .Match<Outcome>(outcome => outcome.ExitStatus == 0 && outcome.Errors.StartsWith("du-apt: warning: no source has foo"));
        _device.Deployed("foo").Packages.Should().Equal("foo 1 -> 2");
    }

    [Fact]
    public void Compressed_lists_are_lists_and_an_empty_repository_has_some()
    {
        _device.AptOption("Acquire::GzipIndexes \"true\";");
        Root.AptGet("update");
        Plan(_device.Manifest("missing"), NotThere)
            .Should()
            .EndWith("no source has a package missing; correct the manifest, or publish the package");

        _repository.Remove("foo", "1").Remove("foo", "2").Remove("app", "1").Index();
        Root.AptGet("update");
        Plan(_device.Manifest("missing"), NotThere)
            .Should()
            .EndWith("no source has a package missing; correct the manifest, or publish the package");
    }

    [Fact]
    public void Lists_that_are_damaged_are_to_be_fetched_again()
    {
        Root.AptGet("update");
        var list = Directory.GetFiles(Root.At("var/lib/apt/lists"), "*_Packages").Should().ContainSingle().Which;
        File.WriteAllText(list, "this is no list\n");
        Plan(_device.Manifest("foo"), SourceUnusable)
            .Should()
            .StartWith("apt has no package lists that it can read: ")
            .And.Contain("run apt-get update");
    }

    [Fact]
    public void A_source_that_the_manifest_brings_has_lists_after_the_download_only()
    {
        Root.AptGet("update");
        _device.Configure("allowSources", "any");
        var manifest = _device.SourcedManifest(new JsonObject { ["other"] = _other.AsSource(_otherServer.Uri) }, "elsewhere");
        Plan(manifest, NotThere)
            .Should()
            .Contain($"there are no package lists of {_otherServer.Uri} stable main")
            .And.Contain("du-apt download where the manifest names the source");
        Lint(manifest)
            .Should()
            .Contain("the sources that the manifest itself names were not looked into: name them in a file with --sources");
        _device.Run("deploy", manifest).ResultCode.Should().Be(700);
    }

    public void Dispose()
    {
        _device.Dispose();
        _server.Dispose();
        _otherServer.Dispose();
        _repository.Dispose();
        _other.Dispose();
    }

    private string Plan(string manifest, string code)
    {
        var state = _device.State;
        var answer = _device.Run("plan", manifest);
        answer.ExtendedResultCode.Should().Be(code, answer.Details);
        _device.State.Should().Be(state);
        return answer.Details;
    }

    private string Lint(string manifest) => Root.DuApt("manifest", "lint", "--plan", manifest).Output;
}
