using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>Packages of two architectures side by side, which dpkg configures only at the same version.</summary>
public sealed class MultiArchTests(PreparedRows rows) : WayBackTests(rows)
{
    [Theory, UnpackedToo]
    public void Siblings_that_are_raised_together(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                First = Foreign,
                Old = [Library("1", "amd64"), Library("1", "i386")],
                New = [Library("2", "amd64"), Library("2", "i386")],
                Update = ["lib=2", "lib:i386=2"],
            }
        );

    [Theory, EveryEnding]
    public void A_native_package_that_comes_beside_its_foreign_sibling_and_raises_it(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                First = Foreign,
                Old = [Library("1", "i386")],
                New = [Library("2", "amd64"), Library("2", "i386")],
                Update = ["lib=2"],
            }
        );

    [Theory, Endings]
    public void A_native_package_that_comes_beside_its_foreign_sibling_of_the_same_version(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                First = Foreign,
                Old = [Library("1", "i386")],
                New = [Library("1", "amd64"), new("app") { Field("Depends: lib") }],
                Update = ["app"],
            }
        );

    [Theory, Endings]
    public void A_foreign_package_that_comes_beside_its_native_sibling_and_raises_it(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                First = Foreign,
                Old = [Library("1", "amd64")],
                New = [Library("2", "amd64"), Library("2", "i386")],
                Prepared = "put /etc/lib.conf edited",
                Update = ["lib:i386=2"],
            }
        );

    [Theory, Endings]
    public void The_native_one_of_two_siblings_goes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                First = Foreign,
                Old = [Library("1", "amd64"), Library("1", "i386")],
                New = [new("app")],
                Update = ["app", "lib-"],
            }
        );

    [Theory, Endings]
    public void The_foreign_one_of_two_siblings_goes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                First = Foreign,
                Old = [Library("1", "amd64"), Library("1", "i386")],
                New = [new("app")],
                Prepared = "auto lib:i386; put /etc/lib.conf edited",
                Update = ["app", "lib:i386-"],
            }
        );

    [Theory, Endings]
    public void A_foreign_package_that_has_no_sibling(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                First = Foreign,
                Old =
                [
                    new("tool", "1", "i386")
                    {
                        Field("Multi-Arch: foreign"),
                        File("/usr/bin/tool", "1"),
                        Conffile("/etc/tool.conf", "one"),
                    },
                ],
                New =
                [
                    new("tool", "2", "i386")
                    {
                        Field("Multi-Arch: foreign"),
                        File("/usr/bin/tool", "2"),
                        Conffile("/etc/tool.conf", "two"),
                    },
                ],
                Prepared = "put /etc/tool.conf edited",
                Update = ["tool:i386=2"],
            }
        );

    [Theory, Endings]
    public void A_native_package_that_takes_the_place_of_a_foreign_one(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                First = Foreign,
                Old = [new("tool", "1", "i386") { File("/usr/bin/tool", "1") }],
                New = [new("tool", "2", "amd64") { File("/usr/bin/tool", "2") }],
                Update = ["tool=2", "tool:i386-"],
            }
        );

    private const string Foreign = "dpkg --add-architecture i386; echo 'APT::Architectures { \"i386\"; };' >>$R/apt.conf";

    private static Package Library(string version, string architecture) =>
        new("lib", version, architecture)
        {
            Field("Multi-Arch: same"),
            File($"/usr/lib/{architecture}/lib.so", version),
            File("/usr/share/lib/copyright", version),
            Conffile("/etc/lib.conf", version),
            Postinst("exit 0"),
            Postrm("exit 0"),
        };
}
