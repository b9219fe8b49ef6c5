using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.FixtureTests;

public sealed class PrivateRootTests : IDisposable
{
    private readonly Repository _repository = new();

    [Fact]
    public void Apt_installs_upgrades_and_removes_packages_in_a_root()
    {
        _repository.Package("hello", "1.0", depends: "world (>= 1)").Package("world", "1:1.0~rc1+b-2").Index();
        using var root = PrivateRoot.Create(_repository);
        root.Install("hello");
        root.Installed("hello").Should().Be("1.0");
        root.Status("hello").Should().Be("install ok installed");
        root.AutoMarks().Should().Equal("world");

        _repository.Package("hello", "2.0", depends: "world").Remove("hello", "1.0").Index();
        root.Install("hello");
        root.Packages().Should().Equal("hello 2.0 installed", "world 1:1.0~rc1+b-2 installed");

        root.AptGet("-y", "remove", "hello");
        root.Installed("hello").Should().BeNull();
        root.Status("never-heard-of").Should().BeNull();
    }

    [Fact]
    public void Every_index_is_newer_than_the_one_before_for_apt_even_within_a_second()
    {
        _repository.Package("hello", "1").Index();
        using var server = new HttpServer(_repository);
        using var root = PrivateRoot.Create(_repository, server);
        foreach (var version in new[] { "1", "2", "3", "4" })
        {
            _repository.Package("hello", version).Index();
            root.Install("hello");
            root.Installed("hello").Should().Be(version);
        }

        root.AptGet("update");
        server.Exchanges.Should().Contain(exchange => exchange.Status == 304, "nothing had changed the last time");
    }

    [Fact]
    public void Maintainer_scripts_see_the_root_and_can_fail()
    {
        _repository
            .Package("good", "1", postinst: "echo made >\"$DPKG_ROOT/tmp/good\"")
            .Package("bad", "1", postinst: "echo out of cheese >&2; exit 7")
            .Package("python", "1", preinst: "#!/bin/bash\n[[ -n $BASH_VERSION ]]")
            .Index();
        using var root = PrivateRoot.Create(_repository);
        root.Install("good", "python");
        File.ReadAllText(root.At("tmp/good")).Should().Be("made\n");

        var outcome = root.TryAptGet("-y", "install", "bad");
        outcome.ExitStatus.Should().Be(100);
        outcome.Text.Should().Contain("out of cheese").And.Contain("E: Sub-process /usr/bin/dpkg returned an error code (1)");
        root.Status("bad").Should().Be("install ok half-configured");
    }

    [Fact]
    public void Conffiles_sizes_fields_and_holds_are_real()
    {
        _repository.Package("base", "1", conffile: "/etc/base.conf=as shipped", sizeKib: 100, fields: ["Essential: yes"]).Index();
        using var root = PrivateRoot.Create(_repository);
        root.Install("base");
        File.ReadAllText(root.At("etc/base.conf")).Should().Be("as shipped\n");
        root.TryAptGet("-s", "remove", "base").Text.Should().Contain("WARNING: The following essential packages will be removed.");

        root.Hold("base");
        root.Status("base").Should().Be("hold ok installed");
        _repository.Package("base", "2").Index();
        root.AptGet("update");
        root.TryAptGet("-y", "install", "base")
            .Text.Should()
            .Contain("E: Held packages were changed and -y was used without --allow-change-held-packages.");
    }

    [Fact]
    public void A_repository_signed_with_another_key_is_refused()
    {
        _repository.Package("hello", "1").Index();
        using var stranger = new Repository();
        stranger.Package("hello", "2").Index();
        using var root = PrivateRoot.Create(_repository);
        root.AddSource("stranger", stranger, keyring: _repository.Keyring);
        var outcome = root.TryAptGet("update", "--error-on=any");
        outcome.ExitStatus.Should().Be(100);
        outcome.Text.Should().Contain("NO_PUBKEY");
    }

    [Fact]
    public void Two_repositories_can_serve_one_root()
    {
        using var second = new Repository();
        second.Package("hello", "2").Index();
        using var root = PrivateRoot.Create(_repository.Package("hello", "1").Index());
        root.AddSource("second", second);
        root.Install("hello");
        root.Installed("hello").Should().Be("2");
    }

    [Theory]
    [InlineData(AptLock.DpkgFrontend)]
    [InlineData(AptLock.Lists)]
    [InlineData(AptLock.Archives)]
    public void Apt_names_the_holder_of_a_lock(AptLock which)
    {
        using var root = PrivateRoot.Create(_repository.Package("hello", "1").Index());
        root.AptGet("update");
        using var held = root.HoldLock(which);
        var outcome = root.TryAptGet(which is AptLock.Lists ? ["update"] : ["-y", "install", "hello"]);
        outcome.ExitStatus.Should().Be(100);
        outcome.Text.Should().Contain($"E: Could not get lock {held.Path}. It is held by process {held.ProcessId} (hold-lock)");
    }

    [Fact]
    public void The_lock_of_dpkg_itself_stops_dpkg_and_ends_with_its_time()
    {
        using var root = PrivateRoot.Create(_repository.Package("hello", "1").Index());
        using (root.HoldLock(AptLock.Dpkg, TimeSpan.FromMilliseconds(400)))
        {
            root.Dpkg("--install", _repository.Deb("hello", "1")).Text.Should().Contain("dpkg database lock was locked by another process");
            Thread.Sleep(500);
            root.Install("hello");
        }

        root.Installed("hello").Should().Be("1");
    }

    [Fact]
    public void An_interrupted_dpkg_is_noticed_by_apt_and_mended_by_dpkg()
    {
        using var root = PrivateRoot.Create(_repository.Package("hello", "1").Package("world", "1").Index());
        root.AptGet("update");
        root.InterruptDpkg(_repository.Deb("hello", "1"));
        root.TryAptGet("-y", "install", "world").Text.Should().Contain("E: dpkg was interrupted, you must manually run");

        root.Dpkg("--configure", "-a").Succeeded("configure");
        root.IsDpkgInterrupted().Should().BeFalse();
        root.Status("hello").Should().Be("install reinstreq half-installed");
        root.AptGet("-y", "--reinstall", "install", "hello");
        root.Packages().Should().Equal("hello 1 installed");
    }

    [Fact]
    public void A_package_can_be_left_unpacked()
    {
        using var root = PrivateRoot.Create(_repository.Package("hello", "1").Index());
        root.Unpack(_repository.Deb("hello", "1"));
        root.Status("hello").Should().Be("install ok unpacked");
        root.Installed("hello").Should().BeNull();
    }

    [Fact]
    public void The_product_is_told_where_the_root_is()
    {
        using var root = PrivateRoot.Create(_repository.Index());
        using var configuration = System.Text.Json.JsonDocument.Parse(File.ReadAllText(root.Configuration));
        var members = configuration
            .RootElement.EnumerateObject()
            .ToDictionary(member => member.Name, member => member.Value.GetString(), StringComparer.Ordinal);
        members.Keys.Should().BeEquivalentTo("aptConfig", "stateDir", "runDir", "logDir", "installedCriteriaFile");
        members.Values.Should().OnlyContain(path => path!.StartsWith(root.Location, StringComparison.Ordinal));
        foreach (var folder in new[] { "stateDir", "runDir", "logDir" })
            Directory.Exists(members[folder]).Should().BeTrue();
    }

    public void Dispose() => _repository.Dispose();
}
