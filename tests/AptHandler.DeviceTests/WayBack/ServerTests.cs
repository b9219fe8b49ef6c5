namespace AptHandler.DeviceTests.WayBack;

/// <summary>Programs with data and configuration that others have written.</summary>
public sealed class ServerTests : RealPackageWayBackTests
{
    [Fact]
    public void Docker_of_Debian_takes_the_place_of_docker_ce_and_its_data() =>
        GoesBack(
            new Row
            {
                Prepared = """
                install docker-ce
                mkdir -p /var/lib/docker/volumes/db/_data /etc/docker
                chmod 0710 /var/lib/docker
                echo precious >/var/lib/docker/volumes/db/_data/rows
                echo '{ "data-root": "/var/lib/docker" }' >/etc/docker/daemon.json
                """,
                Update = ["docker.io", "docker-ce-"],
                Ending = Ending.Restored,
                Since = "echo new >/var/lib/docker/volumes/db/_data/new",
                Named = [Scripts.Netbase],
                Accounts = ["group docker"],
                Unseen =
                [
                    Scripts.Group,
                    new("docker.io writes it into the data of every Docker", "/var/lib/docker/nuke-graph-directory.sh"),
                    new("written since", "/var/lib/docker/volumes/db/_data/new"),
                ],
            }
        );

    [Fact]
    public void PostgreSQL_comes_upon_a_cluster() =>
        GoesBack(
            new Row
            {
                Prepared = """
                mkdir -p /var/lib/postgresql/15/main/base/1 /etc/postgresql/15/main
                echo rows >/var/lib/postgresql/15/main/base/1/112
                echo 15 >/var/lib/postgresql/15/main/PG_VERSION
                echo "data_directory = '/var/lib/postgresql/15/main'" >/etc/postgresql/15/main/postgresql.conf
                chown -R 101:102 /var/lib/postgresql /etc/postgresql/15
                chmod 0700 /var/lib/postgresql/15/main
                """,
                Update = ["postgresql-15"],
                Ending = Ending.PostinstFails,
                Named =
                [
                    Scripts.Ucf,
                    new(
                        "ucf keeps what it was given",
                        "/var/lib/ucf/hashfile.1",
                        "/var/lib/ucf/cache/:etc:postgresql-common:createcluster.conf"
                    ),
                    new(
                        "postgresql-common writes its configuration by ucf, and a certificate",
                        "/etc/postgresql-common",
                        "/etc/postgresql-common/createcluster.conf",
                        "/etc/postgresql-common/root.crt"
                    ),
                    new(
                        "ssl-cert makes a certificate of this machine",
                        "/etc/ssl",
                        "/etc/ssl/certs",
                        "/etc/ssl/certs/*.0",
                        "/etc/ssl/certs/ssl-cert-snakeoil.pem",
                        "/etc/ssl/private",
                        "/etc/ssl/private/ssl-cert-snakeoil.key"
                    ),
                    Scripts.Netbase,
                    new("locales keeps the choice of languages", "/etc/default/locale", "/etc/locale.gen"),
                    new("readline-common writes it where there is none", "/etc/inputrc"),
                    new(
                        "postgresql-common keeps the programs of a cluster from apt's autoremove",
                        "/etc/apt/apt.conf.d/02autoremove-postgresql"
                    ),
                ],
                Accounts = ["user postgres", "group postgres", "group ssl-cert"],
                Unseen = [Scripts.Group, Scripts.Account, new("postgresql-common makes it until the next boot", "/run/postgresql")],
            }
        );

    [Fact]
    public void Nginx_comes_upon_sites_that_were_prepared() =>
        GoesBack(
            new Row
            {
                Prepared = """
                mkdir -p /etc/nginx/sites-available /etc/nginx/sites-enabled /var/www/html
                echo 'server { listen 8080; }' >/etc/nginx/sites-available/shop
                ln -s ../sites-available/shop /etc/nginx/sites-enabled/shop
                echo shop >/var/www/html/index.html
                """,
                Update = ["nginx-light"],
                Ending = Ending.Restored,
                Named =
                [
                    new(
                        "libnginx-mod-http-echo remembers that it was enabled",
                        "/etc/nginx/modules-enabled",
                        "/etc/nginx/modules-enabled/50-mod-http-echo.conf.removed"
                    ),
                    new("nginx-common enables its own site beside those of an administrator", "/etc/nginx/sites-enabled/default"),
                ],
                Unseen = [new("nginx-common puts its own page beside those of an administrator", "/var/www/html/index.nginx-debian.html")],
            }
        );

    [Fact]
    public void Nginx_with_an_edited_configuration_is_raised() =>
        GoesBack(
            new Row
            {
                Prepared = """
                install nginx-light $(old nginx nginx-common)
                sed -i 's/worker_connections 768/worker_connections 4096/' /etc/nginx/nginx.conf
                rm /etc/nginx/sites-enabled/default /etc/nginx/fastcgi.conf
                """,
                Update = ["nginx"],
                Ending = Ending.PostinstFails,
            }
        );

    [Fact]
    public void OpenSSH_comes() =>
        GoesBack(
            new Row
            {
                Update = ["openssh-server"],
                Ending = Ending.PostinstFails,
                Named =
                [
                    Scripts.Ucf,
                    new("ucf keeps what it was given", "/var/lib/ucf/cache/:etc:ssh:sshd_config"),
                    new("openssh-server writes its configuration by ucf", "/etc/ssh", "/etc/ssh/sshd_config"),
                    new(
                        "openssh-server makes the keys of this machine",
                        "/etc/ssh/ssh_host_ecdsa_key",
                        "/etc/ssh/ssh_host_ecdsa_key.pub",
                        "/etc/ssh/ssh_host_ed25519_key",
                        "/etc/ssh/ssh_host_ed25519_key.pub",
                        "/etc/ssh/ssh_host_rsa_key",
                        "/etc/ssh/ssh_host_rsa_key.pub"
                    ),
                    new("libwrap0 writes them where there are none", "/etc/hosts.allow", "/etc/hosts.deny"),
                ],
                Accounts = ["user sshd"],
                Unseen =
                [
                    Scripts.Group,
                    Scripts.Account,
                    new("runit-helper makes it until the next boot", "/run/runit", "/run/runit/supervise"),
                ],
            }
        );

    [Fact]
    public void OpenSSH_with_an_edited_configuration_is_raised() =>
        GoesBack(
            new Row
            {
                Prepared = """
                install $(old openssh-server openssh-client openssh-sftp-server)
                sed -i 's/^#PasswordAuthentication yes/PasswordAuthentication no/' /etc/ssh/sshd_config
                """,
                Update = ["openssh-server"],
                Ending = Ending.Restored,
                Unseen =
                [
                    new(
                        "ucf keeps the last states of its records",
                        "/var/lib/ucf/hashfile.0",
                        "/var/lib/ucf/hashfile.1",
                        "/var/lib/ucf/hashfile.2"
                    ),
                ],
            }
        );
}
