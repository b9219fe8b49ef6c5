using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;
using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>Devices on which apt has no difficulty: the update goes on, and the way back is there.</summary>
public sealed class NeedlessRefusalTests(PreparedRows rows) : WayBackTests(rows)
{
    [Theory, Endings(Ending.PostinstFails, Ending.Restored)]
    public void A_read_only_file_system_that_no_package_ships_to(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App("1")],
                New = [App("2")],
                Prepared = "put /boot/vmlinuz 1; mkdir $R/opt",
                Mounted = root => ReadOnly(root, "boot"),
                Update = ["app=2"],
            }
        );

    [Theory, Endings(Ending.PostinstFails, Ending.Restored)]
    public void A_read_only_file_system_that_an_old_package_has_left_long_ago(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App("1"), new("plugin") { File("/opt/plugin/file", "1") }],
                New = [App("2")],
                Mounted = root => ReadOnly(root, "opt"),
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void Removals_that_apt_is_told_to_make_by_itself(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                First = "echo 'APT::Get::AutomaticRemove \"true\";' >>$R/apt.conf",
                Old = [App("1"), new("orphan") { File("/usr/share/orphan", "1") }],
                New = [App("2")],
                Prepared = "auto orphan",
                Update = ["app=2"],
            }
        );

    [Theory, Endings(Ending.PostinstFails, Ending.Restored)]
    public void A_large_file_that_no_package_has_in_the_place_of_a_file(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [new("web") { File("/srv/web/disk.img", "small") }],
                Prepared = "mkdir -p $R/srv/web; truncate --size 270M $R/srv/web/disk.img; printf end >>$R/srv/web/disk.img",
                Update = ["web"],
            }
        );

    [Theory, Endings]
    public void Archives_that_apt_keeps_elsewhere(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                First = """
                rm -r "$R/var/cache/apt/archives"
                mkdir -p "$R/var/cache/elsewhere/partial"
                echo "Dir::Cache::archives \"$R/var/cache/elsewhere\";" >>"$R/apt.conf"
                """,
                Old = [App("1")],
                New = [App("2")],
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void A_dependency_on_a_name_with_an_underscore(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App("1")],
                New =
                [
                    new("app", "2") { Field("Depends: vendor_lib, no_lib | lib"), File("/usr/bin/app", "2") },
                    new("vendor_lib") { File("/usr/lib/vendor", "1") },
                    new("lib"),
                ],
                Update = ["app=2"],
            }
        );

    [Fact]
    public void A_source_in_a_folder_that_knows_only_SHA512()
    {
        using var repository = new Repository();
        repository.Package("app", "1", file: "/usr/bin/app=1").Package("app", "2", file: "/usr/bin/app=2");
        repository.Package("bad", "1", depends: "app (= 2)", postinst: "exit 7").Index();
        // As aptly and reprepro can be told.
        Command
            .Run(
                "sh",
                [
                    "-euc",
                    """
                    cd "$0"
                    for kind in Packages Release; do
                      for hash in MD5 SHA1 SHA256; do no="${no:-} -o APT::FTPArchive::$kind::$hash=false"; done
                    done
                    apt-ftparchive $no packages pool >dists/stable/main/binary-amd64/Packages
                    sed '/^MD5Sum/,$d' dists/stable/Release >head
                    rm dists/stable/Release dists/stable/InRelease
                    apt-ftparchive $no release dists/stable | sed -n '/^SHA512/,$p' >hashes
                    cat head hashes >dists/stable/Release
                    gpg --batch --quiet --homedir keys --clearsign --output dists/stable/InRelease dists/stable/Release
                    """,
                    repository.Location,
                ]
            )
            .Succeeded("publish with SHA512 alone");
        using var device = new Device(PrivateRoot.Create(repository));
        var sources = device.Root.At("etc/apt/sources.list.d/private.sources");
        System.IO.File.WriteAllText(sources, System.IO.File.ReadAllText(sources).Replace("copy:", "file:", StringComparison.Ordinal));
        device.Root.Install("app=1");
        var before = MachineImage.Of(device.Root.Location, OfTheTests);
        device.Deploy("app=2", "bad").Cause.Should().Be((1, 0, "0x30200200"));
        device.Deployed("app=2");
        device.Run("restore").ResultCode.Should().Be(1100);
        var now = MachineImage.Of(device.Root.Location, [.. OfTheTests, "/update1-1.0.json", "/update2-1.0.json"]);
        now.DifferencesFrom(before).Should().BeEmpty();
    }

    [Fact]
    public void Where_there_is_no_room_for_the_way_back_the_update_has_it_and_says_so()
    {
        using var full = new FullDevice();
        var answer = full.Device.Deploy("bulky=2");
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        answer.Details.Should().Contain("cannot go back");
        full.Device.Root.Packages().Should().Equal("bulky 2 installed");
    }

    [Fact]
    public void Where_the_way_back_is_required_and_there_is_no_room_for_it_nothing_changes()
    {
        using var full = new FullDevice();
        full.Device.Configure("rollback", "required");
        full.Device.Refused(1, "0x30200307", "bulky=2");
    }

    private static SmallFileSystem ReadOnly(PrivateRoot root, string folder)
    {
        var mounted = SmallFileSystem.Around(root.At(folder), mebibytes: 8);
        Command.Run("mount", ["-o", "remount,bind,ro", root.At(folder)]).Succeeded("make it read-only");
        return mounted;
    }

    private static Package App(string version) => new("app", version) { File("/usr/bin/app", version), Conffile("/etc/app.conf", version) };

    /// <summary>A device with room enough for an update, but not for the archive of the old version besides.</summary>
    private sealed class FullDevice : IDisposable
    {
        private const int PackageKib = 8 << 10;

        private readonly Repository _repository = new();
        private readonly HttpServer _server;
        private readonly SmallFileSystem _small;

        public FullDevice()
        {
            foreach (var version in new[] { "1", "2" })
                _repository.Package("bulky", version, sizeKib: PackageKib);
            _server = new HttpServer(_repository.Index());
            Device = new Device(_repository, _server);
            Device.Root.Install("bulky=1");
            Device.Root.AptGet("clean");
            _small = SmallFileSystem.Around(Device.Root.Location);
            // The new archive, its content beside the old one, and what apt and dpkg write for themselves.
            _small.LeaveKib((2 * PackageKib) + (6 << 10));
        }

        public Device Device { get; }

        public void Dispose()
        {
            _small.Dispose();
            Device.Dispose();
            _server.Dispose();
            _repository.Dispose();
        }
    }
}
