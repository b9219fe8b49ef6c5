using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Sources that answer badly, or not at all.</summary>
public sealed class NetworkTests(NetworkTests.Published packages) : DeviceTests<NetworkTests.Published>(packages)
{
    private const string FetchFailed = "0x30200308";
    private const string SourceUnusable = "0x30200318";

    [Theory]
    [InlineData(Fault.NotFound)]
    [InlineData(Fault.ServerError)]
    [InlineData(Fault.WrongBytes)]
    [InlineData(Fault.Refuse)]
    public void Lists_that_cannot_be_read_anew_are_used_as_they_are(Fault fault)
    {
        Root.AptGet("update");
        Packages.Server.Fail("/dists/*", fault);
        Device.Deployed("foo=1");
        Root.Installed("foo").Should().Be("1");
    }

    [Theory]
    [InlineData(Fault.NotFound)]
    [InlineData(Fault.Refuse)]
    public void A_plan_that_holds_with_lists_that_may_be_old_is_a_success_that_says_so(Fault fault)
    {
        var manifest = Device.Manifest("foo=1");
        Device.Run("download", manifest).Details.Should().NotContain("old");
        Packages.Server.Fail("/dists/*", fault);
        var answer = Device.Run("download", manifest);
        answer.Cause.Should().Be((0, 500, "0x00000000"), answer.Details);
        answer.Details.Should().Contain("the package lists may be old").And.Contain("apt-get update failed").And.Contain("127.0.0.1");
    }

    [Theory]
    [InlineData(Fault.NotFound, "404")]
    [InlineData(Fault.ServerError, "500")]
    [InlineData(Fault.HalfFile, null)]
    [InlineData(Fault.WrongBytes, "Hash Sum mismatch")]
    [InlineData(Fault.Refuse, null)]
    public void An_archive_that_cannot_be_had_is_worth_another_try(Fault fault, string? reason)
    {
        Packages.Server.Fail("/pool/foo_*", fault);
        var answer = Device.Refused(3, FetchFailed, "bar", "foo=1");
        answer.Step.Should().Be("download");
        answer.Details.Should().Contain("foo_1_all.deb");
        if (reason is not null)
            answer.Details.Should().Contain(reason);

        Packages.Server.Heal();
        Device.Deployed("bar", "foo=1");
    }

    [Fact]
    public void A_source_that_goes_away_in_the_middle_of_an_archive_is_worth_another_try()
    {
        using var server = new HttpServer(Packages.Repository);
        using var device = new Device(Packages.Repository, server);
        server.Fail("/pool/foo_*", Fault.Stall);
        var before = device.State;
        using var running = device.Start("deploy", device.Manifest("foo=1"), "--json");
        Wait.Until(() => server.Exchanges.Any(exchange => exchange.Path.StartsWith("/pool/foo_", StringComparison.Ordinal)));
        server.Down();
        var answer = Answer.Of(running.Wait());
        answer.Cause.Should().Be((3, 0, FetchFailed), answer.Details);
        device.State.Should().Be(before);
    }

    [Fact]
    public void A_fault_that_passes_is_not_noticed()
    {
        Packages.Server.Fail("/pool/foo_*", Fault.HalfFile, times: 1);
        Device.Deployed("foo=1");
    }

    [Fact]
    public void A_source_that_has_gone_is_told_with_what_is_missing()
    {
        using var server = new HttpServer(Packages.Repository);
        using var device = new Device(Packages.Repository, server);
        server.Down();
        var unknown = device.Deploy("foo=1");
        unknown.Cause.Should().Be((3, 0, FetchFailed), unknown.Details);
        unknown.Details.Should().Contain("foo").And.Contain("apt-get update failed").And.Contain("127.0.0.1");

        server.Up();
        device.Root.AptGet("update");
        server.Down();
        device.Refused(3, FetchFailed, "foo=1");
    }

    [Fact]
    public void A_source_that_is_signed_by_another_key_is_not_used_and_hinders_no_other()
    {
        using var stranger = new Repository();
        using var server = new HttpServer(stranger.Package("strange", "1").Package("foo", "9").Index());
        Root.AddSource("stranger", stranger, server, Packages.Repository.Keyring);
        var answer = Device.Refused(1, SourceUnusable, "strange");
        answer.Details.Should().Contain("strange").And.Contain("apt-get update failed");
        Device.Deployed("foo");
        Root.Installed("foo").Should().Be("2");
    }

    [Fact]
    public void What_was_downloaded_is_installed_without_the_network()
    {
        var manifest = Device.Manifest("foo=1");
        Device.Run("download", manifest).Packages.Should().Equal("foo - -> 1");
        Root.Packages().Should().BeEmpty();
        Packages.Server.Fail("*", Fault.Refuse);
        Device.Run("install", manifest).ResultCode.Should().Be(600);
        Root.Installed("foo").Should().Be("1");
    }

    [Fact]
    public void What_was_downloaded_and_is_lost_is_told()
    {
        var manifest = Device.Manifest("foo=1");
        Device.Run("download", manifest).ResultCode.Should().Be(500);
        File.Delete(Directory.EnumerateFiles(Root.At("var/cache/apt/archives"), "foo_*").Single());
        Packages.Server.Fail("*", Fault.NotFound);
        Device.Run("install", manifest).Cause.Should().Be((3, 0, FetchFailed));
        Packages.Server.Heal();
        Device.Run("install", manifest).ResultCode.Should().Be(600);
    }

    public override void Dispose()
    {
        Packages.Server.Heal();
        base.Dispose();
    }

    public sealed class Published()
        : PublishedPackages(repository => repository.Package("foo", "1", sizeKib: 200).Package("foo", "2").Package("bar", "1"));
}
