using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>
/// Data that was there before a package came, and data that was written since: the script with which the package is purged would delete
/// both.
/// </summary>
public sealed class DataTests(PreparedRows rows) : WayBackTests(rows)
{
    [Theory, EveryEnding]
    public void The_data_of_a_package_that_another_one_replaces(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("docker-ce", "5:24") { File("/usr/bin/dockerd", "of docker-ce") }],
                New = [Engine],
                Prepared = "put /var/lib/docker/volumes/db/_data/rows precious; chmod 0710 $R/var/lib/docker",
                Update = ["docker.io", "docker-ce-"],
            }
        );

    [Theory, Endings]
    public void A_cluster_that_was_there_before_the_package(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New =
                [
                    new("postgresql-15", "15.1")
                    {
                        File("/usr/lib/postgresql/15/bin/postgres", "program"),
                        // As postgresql-common has it: it comes upon a cluster, and makes none.
                        Postinst("[ -d $DPKG_ROOT/var/lib/postgresql/15/main ] || mkdir -p $DPKG_ROOT/var/lib/postgresql/15/main"),
                        Postrm(
                            """
                            if [ "$1" = purge ]; then
                              echo Dropping cluster main...
                              rm -rf "$DPKG_ROOT/var/lib/postgresql/15" "$DPKG_ROOT/etc/postgresql/15" "$DPKG_ROOT/var/log/postgresql"
                              rmdir --ignore-fail-on-non-empty "$DPKG_ROOT/var/lib/postgresql" "$DPKG_ROOT/etc/postgresql"
                            fi
                            """
                        ),
                    },
                ],
                Prepared = """
                put /var/lib/postgresql/15/main/base/1/112 rows
                put /var/lib/postgresql/15/main/PG_VERSION 15
                put /etc/postgresql/15/main/postgresql.conf port=5432
                chown -R 101:102 "$R/var/lib/postgresql" "$R/etc/postgresql/15"
                chmod 0700 "$R/var/lib/postgresql/15/main"
                """,
                Update = ["postgresql-15"],
            }
        );

    [Theory, Endings]
    public void What_an_administrator_has_prepared_in_folders_below_the_configuration(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [WebServer],
                Prepared = """
                put /etc/web/sites/10-shop.conf shop
                put /etc/web/tls/private/key.pem secret
                chmod 0600 $R/etc/web/tls/private/key.pem
                mkdir $R/etc/web/empty
                """,
                Update = ["web"],
            }
        );

    [Theory, Endings]
    public void What_an_administrator_has_prepared_and_is_large(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [WebServer],
                Prepared = "mkdir -p $R/etc/web; yes 192.0.2.1 | head -c 3000000 >$R/etc/web/blocked.list",
                Update = ["web"],
            }
        );

    [Theory, Endings]
    public void What_an_administrator_has_prepared_behind_a_link_to_a_folder(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [WebServer],
                Prepared =
                    "mkdir -p $R/etc $R/srv/configuration; put /srv/configuration/site.conf shop; ln -s ../srv/configuration $R/etc/web",
                Update = ["web"],
            }
        );

    [Theory, Endings]
    public void A_folder_of_an_administrator_that_no_package_has(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New =
                [
                    new("share")
                    {
                        File("/usr/bin/share", "program"),
                        Postrm("[ \"$1\" != purge ] || rm -rf $DPKG_ROOT/srv/share $DPKG_ROOT/etc/default/share"),
                    },
                ],
                Prepared = "put /srv/share/photos/1 picture; put /etc/default/share OPTIONS=--all",
                Update = ["share"],
            }
        );

    [Theory, Endings]
    public void A_file_in_the_place_of_a_configuration_file(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [WebServer],
                Prepared = "put /etc/web/web.conf mine; chown 1000:1000 $R/etc/web/web.conf; chmod 0640 $R/etc/web/web.conf",
                Update = ["web"],
            }
        );

    [Theory, Endings]
    public void Copies_that_an_administrator_has_made_of_a_configuration_file(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                // dpkg takes them for its own, or an editor's, when it purges.
                New = [WebServer],
                Prepared = """
                for end in '~' .bak % .~1~ .dpkg-old .dpkg-dist; do put "/etc/web/web.conf$end" mine; done
                put '/etc/web/#web.conf#' mine
                """,
                Update = ["web"],
            }
        );

    [Theory, Endings]
    public void A_file_in_the_place_of_a_file(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [WebServer],
                Prepared = """
                put /usr/share/web/index.html mine
                chown 33:33 $R/usr/share/web/index.html
                mkdir -p $R/usr/bin
                ln -s ../../opt/web $R/usr/bin/web
                """,
                Update = ["web"],
            }
        );

    [Theory, Endings(Ending.PostinstFails, Ending.HealthCheckFails, Ending.Restored)]
    public void What_a_script_has_written_stays_and_is_named(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New =
                [
                    new("store")
                    {
                        Folder("/var/lib/store", "0750", "1000:1000"),
                        File("/usr/bin/store", "program"),
                        Postinst("echo rows >$DPKG_ROOT/var/lib/store/rows"),
                        Postrm("[ \"$1\" != purge ] || rm -rf $DPKG_ROOT/var/lib/store"),
                    },
                ],
                Update = ["store"],
                LeftOver = ["/var/lib/store", "/var/lib/store/rows"],
            }
        );

    [Theory, InlineData(Ending.Restored)]
    public void What_an_application_has_written_since_stays_and_is_named(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New =
                [
                    new("store")
                    {
                        Folder("/var/lib/store/spool"),
                        File("/var/lib/store/format", "1"),
                        Postrm("[ \"$1\" != purge ] || rm -rf $DPKG_ROOT/var/lib/store"),
                    },
                ],
                Update = ["store"],
                Since = "put /var/lib/store/orders/today 'three orders'; chmod 0600 $R/var/lib/store/orders/today",
                LeftOver = ["/var/lib/store", "/var/lib/store/orders", "/var/lib/store/orders/today"],
            }
        );

    [Theory, InlineData(Ending.Restored)]
    public void A_file_of_a_new_package_that_an_application_has_changed_since_stays_and_is_named(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [new("store") { File("/var/lib/store/rows", "none"), File("/var/lib/store/format", "1") }],
                Update = ["store"],
                Since = "put /var/lib/store/rows 'three orders'",
                LeftOver = ["/var/lib/store", "/var/lib/store/rows"],
            }
        );

    [Theory, InlineData(Ending.Restored)]
    public void A_configuration_file_of_a_new_package_that_was_edited_since_stays_and_is_named(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [WebServer],
                Update = ["web"],
                Since = "put /etc/web/web.conf 'edited since'",
                LeftOver = ["/etc/web", "/etc/web/web.conf"],
            }
        );

    [Theory, InlineData(Ending.Restored)]
    public void A_file_that_was_changed_since_and_that_the_old_version_has_is_saved_beside_it(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("store", "1") { File("/var/lib/store/rows", "none"), File("/var/lib/store/format", "1") }],
                New = [new("store", "2") { File("/var/lib/store/rows", "nothing"), File("/var/lib/store/format", "2") }],
                Update = ["store=2"],
                Since = "put /var/lib/store/rows 'three orders'",
                Saved = ["/var/lib/store/rows"],
            }
        );

    [Theory, InlineData(Ending.Restored)]
    public void A_file_in_the_place_of_a_file_that_was_changed_since_is_saved_beside_it(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [WebServer],
                Prepared = "put /usr/share/web/index.html mine",
                Update = ["web"],
                Since = "put /usr/share/web/index.html 'changed since'",
                Saved = ["/usr/share/web/index.html"],
            }
        );

    [Theory, InlineData(Ending.Restored)]
    public void What_the_new_engine_has_written_into_the_data_of_the_old_one_stays(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("docker-ce", "5:24") { File("/usr/bin/dockerd", "of docker-ce") }],
                New = [Engine],
                Prepared = "put /var/lib/docker/volumes/db/_data/rows precious",
                Update = ["docker.io", "docker-ce-"],
                Since = "put /var/lib/docker/volumes/db/_data/rows 'more precious'; put /var/lib/docker/volumes/new/_data/rows new",
                Written =
                [
                    "/var/lib/docker/volumes/db/_data/rows",
                    "/var/lib/docker/volumes/new",
                    "/var/lib/docker/volumes/new/_data",
                    "/var/lib/docker/volumes/new/_data/rows",
                ],
            }
        );

    [Theory, InlineData(Ending.Restored)]
    public void What_an_application_has_written_since_into_a_folder_of_both_versions_stays(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("store", "1") { Folder("/var/lib/store"), File("/usr/bin/store", "1") }],
                New = [new("store", "2") { Folder("/var/lib/store"), File("/usr/bin/store", "2") }],
                Prepared = "put /var/lib/store/rows one",
                Update = ["store=2"],
                Since = "put /var/lib/store/rows two; put /var/lib/store/more three",
                Written = ["/var/lib/store/rows", "/var/lib/store/more"],
            }
        );

    private static Package Engine =>
        new("docker.io", "20.10")
        {
            Field("Conflicts: docker-ce"),
            Field("Replaces: docker-ce"),
            File("/usr/bin/dockerd", "of docker.io"),
            Postrm(
                """
                if [ "$1" = purge ]; then
                  echo Nuking /var/lib/docker ...
                  rm -rf "$DPKG_ROOT/var/lib/docker"
                fi
                """
            ),
        };

    private static Package WebServer =>
        new("web")
        {
            File("/usr/bin/web", "program"),
            File("/usr/share/web/index.html", "of the package"),
            Conffile("/etc/web/web.conf", "of the package"),
            Folder("/etc/web/sites"),
            Postrm("[ \"$1\" != purge ] || rm -rf $DPKG_ROOT/etc/web/* $DPKG_ROOT/etc/web"),
        };
}
