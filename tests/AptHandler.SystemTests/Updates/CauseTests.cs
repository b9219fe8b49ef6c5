using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>What keeps apt from working on a device: what it is called, and whether a later try helps.</summary>
public sealed class CauseTests : IDisposable
{
    private const string SourceUnusable = "0x30200318";
    private const string HookFailed = "0x30200319";
    private const string ClockBehind = "0x3020031a";
    private const string FetchFailed = "0x30200308";
    private const string PlanMismatch = "0x3020030b";

    private const string Hook = "a command that apt's configuration runs has failed";

    private readonly Repository _repository = new();
    private readonly HttpServer _server;
    private readonly Device _device;

    public CauseTests()
    {
        _repository.Package("foo", "1").Package("foo", "2").Package("app", "1", depends: "foo").Index();
        _server = new HttpServer(_repository);
        _device = new Device(_repository, _server);
    }

    private PrivateRoot Root => _device.Root;

    [Theory]
    [InlineData("DPkg::Pre-Invoke", "Problem executing scripts DPkg::Pre-Invoke 'echo no; false'")]
    [InlineData("DPkg::Pre-Install-Pkgs", "Failure running script echo no; false")]
    [InlineData("APT::Install::Pre-Invoke", "Problem executing scripts APT::Install::Pre-Invoke 'echo no; false'")]
    public void A_hook_that_fails_before_dpkg_is_called_a_hook(string hook, string words)
    {
        Root.AptGet("update");
        _device.AptOption($"{hook} {{ \"echo no; false\"; }};");
        var answer = _device.Refused(1, HookFailed, "foo");
        answer.Details.Should().StartWith($"{Hook}: {words}; fix the command that the details name");
    }

    [Theory]
    [InlineData("DPkg::Post-Invoke")]
    [InlineData("APT::Install::Post-Invoke-Success")]
    public void A_hook_that_fails_after_dpkg_is_told_and_no_failure(string hook)
    {
        Root.AptGet("update");
        _device.AptOption($"{hook} {{ \"false\"; }};");
        _device.Deployed("foo").Details.Should().Be($"+foo 2; {Hook}: Problem executing scripts {hook} 'false'");
        Root.Installed("foo").Should().Be("2");
    }

    [Fact]
    public void A_lock_that_a_hook_has_met_is_a_failure_of_the_hook()
    {
        Root.AptGet("update");
        const string Noise = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (x)";
        _device.AptOption($"DPkg::Pre-Invoke {{ \"echo '{Noise}' >&2; false\"; }};");
        _device.Refused(1, HookFailed, "foo").Details.Should().Contain("DPkg::Pre-Invoke");
    }

    [Theory]
    [InlineData("APT::Update::Pre-Invoke")]
    [InlineData("APT::Update::Post-Invoke")]
    [InlineData("APT::Update::Post-Invoke-Success")]
    public void A_hook_that_fails_beside_the_lists_is_told_and_no_failure_unless_something_is_missing(string hook)
    {
        _device.AptOption($"{hook} {{ \"false\"; }};");
        _device
            .Refused(1, HookFailed, "missing")
            .Details.Should()
            .StartWith($"{Hook}: apt-get update failed: Problem executing scripts {hook} 'false'; ")
            .And.Contain("in the lists that are there no source has a package missing;");
        _device.Deployed("foo").Details.Should().EndWith($"apt-get update failed: Problem executing scripts {hook} 'false'");
    }

    [Theory]
    [InlineData("x.list", "deb http://127.0.0.1:9/", "Malformed entry 1 in list file FILE (Suite)")]
    [InlineData("x.list", "deb [arch=amd64 http://x/ stable main", "Malformed entry 1 in list file FILE ([option] not assignment)")]
    [InlineData("x.list", "debian http://127.0.0.1:9/ stable main", "Type 'debian' is not known on line 1 in source list FILE")]
    [InlineData("x.sources", "Types: deb\nURIs: http://127.0.0.1:9/\nComponents: main", "Malformed entry 1 in sources file FILE (Suite)")]
    [InlineData("x.sources", "Types deb\nURIs: http://127.0.0.1:9/", "Malformed stanza 1 in source list FILE (type)")]
    [InlineData("x.sources", "Types: debian\nURIs: http://x/\nSuites: x", "Type 'debian' is not known on stanza 1 in source list FILE")]
    public void A_malformed_source_is_named_with_its_file(string name, string text, string words)
    {
        Root.AptGet("update");
        var file = Root.At($"etc/apt/sources.list.d/{name}");
        File.WriteAllText(file, text + "\n");
        words = words.Replace("FILE", file, StringComparison.Ordinal);
        _device
            .Refused(1, SourceUnusable, "foo")
            .Details.Should()
            .Be($"apt cannot read {file}: {words}; fix the line or stanza that the details name");
    }

    [Fact]
    public void A_malformed_configuration_of_apt_is_named_with_its_file()
    {
        Root.AptGet("update");
        var file = Root.At("etc/apt/apt.conf.d/90broken");
        File.WriteAllText(file, "APT::Foo \"x\"\nBar \"y\"\n");
        _device
            .Refused(1, SourceUnusable, "foo")
            .Details.Should()
            .StartWith($"apt cannot read {file}")
            .And.Contain("Extra junk at end of file");
    }

    [Theory]
    [InlineData("cdrom:[Debian 12.0.0 _Bookworm_ - Official amd64]/", "a source of the device is a disc", "does not have a Release file")]
    [InlineData("nonesuch://x/", "apt cannot fetch from the address of a source", "/methods/nonesuch could not be found")]
    [InlineData("http://127.0.0.2:9/", "cannot fetch from a source", "Failed to fetch http://127.0.0.2:9/dists/stable/InRelease")]
    [InlineData(
        "copy:/none",
        "there is no repository where a source says",
        "The repository 'copy:/none stable Release' does not have a Release file"
    )]
    public void A_source_that_is_of_no_use_stops_only_what_needs_it(string address, string name, string words)
    {
        (int exitStatus, string code) = name == "cannot fetch from a source" ? (3, FetchFailed) : (1, SourceUnusable);
        File.WriteAllText(Root.At("etc/apt/sources.list.d/x.list"), $"deb {address} stable main\n");
        _device.Refused(exitStatus, code, "missing").Details.Should().StartWith($"{name}: apt-get update failed: ").And.Contain(words);
        _device.Deployed("foo").Details.Should().Contain("the package lists may be old").And.Contain(words);
    }

    [Fact]
    public void A_clock_that_is_behind_is_set_one_day()
    {
        _repository.Redate("Date", DateTimeOffset.UtcNow.AddDays(2));
        _device
            .Refused(3, ClockBehind, "foo")
            .Details.Should()
            .Contain("the clock of the device is behind that of a source")
            .And.Contain("is not valid yet (invalid for another 1d 23h")
            .And.Contain("set the clock");
        _repository.Index();
        _device.Deployed("foo");
    }

    [Fact]
    public void A_source_that_has_expired_is_to_be_published_again()
    {
        _repository.Redate("Valid-Until", DateTimeOffset.UtcNow.AddDays(-2));
        _device
            .Refused(1, SourceUnusable, "foo")
            .Details.Should()
            .Contain("a source has expired")
            .And.Contain("is expired (invalid since 2d 0h")
            .And.Contain("publish its repository again");
        _repository.Index();
        _device.Deployed("foo");
    }

    [Fact]
    public void A_source_without_a_signature_is_refused_when_it_is_read()
    {
        _repository.Unsign();
        _device
            .Refused(1, SourceUnusable, "foo")
            .Details.Should()
            .Contain("a source is not signed with the key that it has on the device")
            .And.Contain("' is not signed");
    }

    [Fact]
    public void A_package_of_a_source_without_a_signature_is_named()
    {
        _repository.Unsign();
        _device.AptOption("Acquire::AllowInsecureRepositories \"true\";");
        _device
            .Refused(1, SourceUnusable, "foo")
            .Details.Should()
            .Be(
                "the source of foo is not signed: There were unauthenticated packages and -y was used without --allow-unauthenticated; "
                    + "sign its repository, and give the source the key (Signed-By)"
            );
    }

    [Fact]
    public void A_pin_that_forbids_a_package_is_told_whether_a_version_is_named_or_not()
    {
        Root.AptGet("update");
        File.WriteAllText(Root.At("etc/apt/preferences.d/never"), "Package: foo\nPin: version *\nPin-Priority: -1\n");
        foreach (var (word, refused) in new[] { ("foo", "foo 2"), ("foo=1", "foo 1") })
            _device
                .Refused(1, PlanMismatch, word)
                .Details.Should()
                .Contain($"cannot install {refused}: apt's preferences pin it ")
                .And.Contain("/etc/apt/preferences.d");
        _device.Refused(1, "0x30200301", "app").Details.Should().Contain("app : Depends: foo but it is not installable");
        Root.Packages().Should().BeEmpty();
    }

    public void Dispose()
    {
        _device.Dispose();
        _server.Dispose();
        _repository.Dispose();
    }
}
