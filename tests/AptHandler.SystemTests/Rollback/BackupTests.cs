using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Rollback;

/// <summary>What is put aside before an update, and what happens when it cannot be had.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly Repository _repository = new();
    private readonly HttpServer _server;
    private readonly Device _device;

    public BackupTests()
    {
        _repository
            .Package("app", "1", conffile: "/etc/app.conf=secret")
            .Package("app", "2")
            .Package("lone", "1")
            .Package("new", "1")
            .Package("bad", "1", postinst: "exit 7")
            .Index();
        _server = new HttpServer(_repository);
        _device = new Device(_repository, _server);
        _device.Root.Install("app=1");
    }

    private string Archives => _device.Root.At("var/lib/du-apt-handler/updates/000001/backup/archives");

    private string Cache => _device.Root.At("var/cache/apt/archives");

    [Fact]
    public void Archives_of_both_sides_are_there_before_anything_changes()
    {
        var manifest = _device.Manifest("app=2", "new");
        _device.Run("download", manifest).ResultCode.Should().Be(500);
        var answer = _device.Run("backup", manifest);
        answer.Cause.Should().Be((0, 1000, "0x00000000"), answer.Details);
        Names().Should().Equal("app_1_all.deb", "app_2_all.deb", "new_1_all.deb");
        _device.Root.Packages().Should().Equal("app 1 installed");
        var contents = Path.Combine(Archives, "../contents");
        File.ReadAllText(contents).Should().Contain("secret\n");
        Convert.ToString((int)File.GetUnixFileMode(contents), 8).Should().Be("600", "it may be a secret");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_old_archive_that_is_not_in_the_cache_or_torn_there_comes_from_the_sources(bool isTorn)
    {
        File.Delete(Path.Combine(Cache, "app_1_all.deb"));
        if (isTorn)
            File.WriteAllBytes(Path.Combine(Cache, "app_1_all.deb"), new byte[1000]);
        _device.Deployed("app=2");
        File.ReadAllBytes(Path.Combine(Archives, "app_1_all.deb")).Should().Equal(File.ReadAllBytes(_repository.Deb("app", "1")));
        _device.Run("restore").ResultCode.Should().Be(1100);
        _device.Root.Packages().Should().Equal("app 1 installed");
    }

    [Fact]
    public void An_old_archive_that_only_the_cache_has_is_used_from_there()
    {
        _repository.Remove("app", "1").Index();
        _device.Deployed("app=2").Details.Should().NotContain("cannot go back");
        _device.Run("restore").ResultCode.Should().Be(1100);
        _device.Root.Packages().Should().Equal("app 1 installed");
    }

    [Fact]
    public void What_nobody_has_is_named_and_the_update_goes_on_or_is_refused_as_the_policy_says()
    {
        Withdraw();
        _device.Configure("rollback", "required");
        var refused = _device.Deploy("app=2", "new");
        refused.Cause.Should().Be((1, 0, "0x30200312"), refused.Details);
        refused.Details.Should().Contain("no .deb of app 1 is available");
        _device.Root.Packages().Should().Equal("app 1 installed");

        _device.Configure("rollback", "best-effort");
        _device.Deployed("app=2", "new").Details.Should().Contain("cannot go back to app 1: no .deb of them is available");
        var back = _device.Run("restore");
        back.Cause.Should().Be((1, 0, "0x30200312"), back.Details);
        back.Details.Should().Contain("no .deb of app 1 is available");
        _device.Root.Packages().Should().Equal("app 2 installed", "new 1 installed");
    }

    [Fact]
    public void A_failed_update_that_cannot_go_back_whole_does_not_go_back_in_part()
    {
        Withdraw();
        var answer = _device.Deploy("app=2", "new", "bad");
        answer.Cause.Should().Be((1, 0, "0x30200200"), answer.Details);
        answer.Details.Should().EndWith("; it is not undone, because no .deb of app 1 is available: the packages stay as they are");
        _device.Root.Installed("app").Should().Be("2");
        _device.Root.Installed("new").Should().Be("1");
        _device.Root.DuApt("status").Output.Should().Contain("Its packages stay as the failure left them.");
        _device.Run("recover").ResultCode.Should().Be(1200);
    }

    [Fact]
    public void A_file_that_is_edited_between_backup_and_install_comes_back_as_it_was_last()
    {
        var manifest = _device.Manifest("app=2");
        _device.Run("backup", manifest).ResultCode.Should().Be(1000);
        File.WriteAllText(_device.Root.At("etc/app.conf"), "edited\n");
        _device.Run("install", manifest).ResultCode.Should().Be(600);
        _device.Run("restore").ResultCode.Should().Be(1100);
        File.ReadAllText(_device.Root.At("etc/app.conf")).Should().Be("edited\n");
    }

    [Fact]
    public void Without_rollback_nothing_old_is_kept_and_nothing_is_undone()
    {
        _device.Configure("rollback", "off");
        var manifest = _device.Manifest("app=2");
        _device.Run("deploy", manifest).ResultCode.Should().Be(700);
        _device.Run("backup", _device.Manifest("app=1")).ResultCode.Should().Be(1001);
        _device.Run("restore").ResultCode.Should().Be(1101);
        _device.Root.Packages().Should().Equal("app 2 installed");
    }

    [Fact]
    public void The_backups_of_older_updates_go()
    {
        foreach (var version in new[] { "2", "1", "2", "1" })
            _device.Deployed($"app={version}");
        Directory
            .GetDirectories(_device.Root.At("var/lib/du-apt-handler/updates"), "backup", SearchOption.AllDirectories)
            .Should()
            .HaveCount(2);
    }

    [Fact]
    public void A_network_that_goes_between_download_and_install_is_not_missed()
    {
        var manifest = _device.Manifest("app=2", "new");
        _device.Run("download", manifest).ResultCode.Should().Be(500);
        _device.Run("backup", manifest).ResultCode.Should().Be(1000);
        _server.Fail("*", Fault.Refuse);
        _device.Run("install", manifest).ResultCode.Should().Be(600);
        _device.Run("apply", manifest).ResultCode.Should().Be(700);
        _device.Run("restore").ResultCode.Should().Be(1100);
        _device.Root.Packages().Should().Equal("app 1 installed");
    }

    public void Dispose()
    {
        _device.Dispose();
        _server.Dispose();
        _repository.Dispose();
    }

    private void Withdraw()
    {
        _repository.Remove("app", "1").Index();
        File.Delete(Path.Combine(Cache, "app_1_all.deb"));
    }

    private IEnumerable<string?> Names() => Directory.GetFiles(Archives).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
