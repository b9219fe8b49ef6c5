using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests.WayBack;

/// <summary>What every other program needs: the C library, Perl, the kernel.</summary>
public sealed class SystemTests : RealPackageWayBackTests
{
    [Fact]
    public void The_C_library_is_raised() =>
        GoesBack(
            new Row
            {
                Prepared = "echo 'precedence ::ffff:0:0/96  100' >>/etc/gai.conf",
                Update = ["libc6", "libc-bin"],
                Ending = Ending.PostinstFails,
            }
        );

    [Fact]
    public void The_C_library_is_raised_with_its_foreign_sibling() =>
        GoesBack(
            new Row
            {
                Prepared = "dpkg --add-architecture i386; install $(old libc6:i386)",
                Update = ["libc6"],
                Ending = Ending.Restored,
            }
        );

    [Fact]
    public void A_foreign_library_comes_and_raises_the_C_library() =>
        GoesBack(
            new Row
            {
                Prepared = "dpkg --add-architecture i386",
                Update = ["zlib1g:i386"],
                Ending = Ending.PostinstFails,
            }
        );

    [Fact]
    public void Perl_is_raised() =>
        GoesBack(
            new Row
            {
                Prepared = "install $(old perl perl-base perl-modules-5.36 libperl5.36)",
                Update = ["perl"],
                Ending = Ending.Restored,
            }
        );

    [Fact]
    public void A_kernel_for_which_boot_has_no_room() =>
        GoesBack(
            new Row
            {
                Prepared = $"""
                mount -t tmpfs -o size={Published.KernelKib * 5 / 2}k tmpfs /boot
                install {Published.Kernel}=6.1 settings=1.0
                echo edited >/etc/settings
                """,
                Update = [Published.Kernel, "settings"],
                Ending = Ending.NoSpace,
            }
        );

    [Fact]
    public void A_kernel_whose_script_has_no_room_in_boot() =>
        GoesBack(
            new Row
            {
                Prepared = $"""
                mount -t tmpfs -o size={Published.KernelKib * 7 / 2}k tmpfs /boot
                install {Published.Kernel}=6.1 settings=1.0
                echo edited >/etc/settings
                """,
                Update = [Published.Kernel, "settings"],
                Ending = Ending.NoSpace,
            }
        );

    [Fact]
    public void A_package_whose_archive_is_made_by_dpkg_repack() =>
        GoesBack(
            new Row
            {
                Prepared = $"""
                install dpkg-repack
                dpkg --install {Device.Repository}/{Published.Unpublished}/private_1.0_all.deb
                echo edited >/etc/private.conf
                """,
                Update = ["private"],
                Ending = Ending.Restored,
            }
        );
}
