using System.Diagnostics;
using AptHandler.Debian;
using static AptHandler.UnitTests.Debian.StatusFolder;

namespace AptHandler.UnitTests.Debian;

public sealed class DpkgStatusDamageTests
{
    [Fact]
    public void A_missing_file_is_no_machine_without_packages()
    {
        using var folder = new StatusFolder();
        ShouldFail(folder)
            .Should()
            .Be(
                $"cannot find '{folder.StatusPath}'; check the path, or restore the file from status-old beside it or from "
                    + "/var/backups/dpkg.status.0, then run 'dpkg --audit'"
            );
    }

    [Fact]
    public void A_folder_is_not_read()
    {
        using var folder = new StatusFolder();
        Directory.CreateDirectory(folder.StatusPath);
        ShouldFail(folder).Should().Contain("it is not a regular file");
    }

    [Fact]
    public void A_named_pipe_is_refused_without_waiting_for_a_writer()
    {
        using var folder = new StatusFolder();
        using (Process mkfifo = Process.Start("mkfifo", [folder.StatusPath]))
            mkfifo.WaitForExit();
        ShouldFail(folder).Should().Contain("it is not a regular file");
    }

    [Theory]
    [InlineData("Status: install ok installed\nVersion: 1\n", "from line 5 on: the field Package is missing")]
    [InlineData("Package: \nStatus: install ok installed\n", "from line 5 on: the field Package is missing")]
    [InlineData("Package: bb\nVersion: 1\n", "from line 5 on: the field Status is missing")]
    [InlineData("Package: bb\nStatus:\n", "from line 5 on: the field Status is missing")]
    [InlineData(
        "Package: bb\nStatus: install ok instal\n",
        "from line 5 on: the field Status holds \"install ok instal\", which dpkg never writes"
    )]
    [InlineData(
        "Package: bb\nStatus: instal ok installed\n",
        "from line 5 on: the field Status holds \"instal ok installed\", which dpkg never writes"
    )]
    [InlineData(
        "Package: bb\nStatus: install k installed\n",
        "from line 5 on: the field Status holds \"install k installed\", which dpkg never writes"
    )]
    [InlineData("Package: bb\nStatus: install ok\n", "from line 5 on: the field Status holds \"install ok\", which dpkg never writes")]
    [InlineData("Package: bb\nStatus: install\n", "from line 5 on: the field Status holds \"install\", which dpkg never writes")]
    [InlineData(
        "Package: bb\nStatus: install\u001b[2J\tok\n",
        "from line 5 on: the field Status holds \"install\\u001b[2J\\u0009ok\", which dpkg never writes"
    )]
    [InlineData(
        "Package: bb\nStatus: install ok ok installed\n",
        "from line 5 on: the field Status holds \"install ok ok installed\", which dpkg never writes"
    )]
    [InlineData("Package: bb\nStatus: install ok installed\nVersion: 1\nDescr", "from line 8 on: the file ends in the middle of a line")]
    [InlineData("Package: bb\nStatus: install ok installed\nVersion: 1\n\0\0\0\n", "from line 8 on: a zero byte stands there")]
    [InlineData("\0\0\0\0", "from line 5 on: a zero byte stands there")]
    [InlineData("nonsense\n", "from line 5 on: the field Package is missing")]
    public void A_torn_file_is_refused_with_the_line_and_a_remedy(string torn, string expected)
    {
        using var folder = new StatusFolder("Package: aa\nStatus: install ok installed\nVersion: 1\n\n" + torn);
        ShouldFail(folder)
            .Should()
            .Be(
                $"cannot read '{folder.StatusPath}' {expected}; restore the file from status-old beside it or from "
                    + "/var/backups/dpkg.status.0, then run 'dpkg --audit'"
            );
    }

    [Fact]
    public void Of_a_long_field_the_beginning_is_told()
    {
        using var folder = new StatusFolder($"Package: bb\nStatus: {new string('x', 10_000)}\n");
        ShouldFail(folder).Should().Contain($"the field Status holds \"{new string('x', 59)}…\", which dpkg never writes");
    }

    [Fact]
    public void A_file_of_zero_bytes_is_named_as_such()
    {
        using var folder = new StatusFolder(new string('\0', 4096));
        ShouldFail(folder).Should().Contain("from line 1 on: a zero byte stands there");
    }

    [Fact]
    public void The_line_is_right_far_behind_the_beginning()
    {
        using var folder = new StatusFolder(string.Concat(Enumerable.Repeat(Stanza("aa", "1") + "\n", 5000)) + "Package: bb\n");
        ShouldFail(folder).Should().Contain("from line 50001 on: the field Status is missing");
    }

    // dpkg writes none: something else has been at the file, and what that did cannot be known.
    [Fact]
    public void Carriage_returns_are_refused()
    {
        using var folder = new StatusFolder(Stanza("aa", "1").ReplaceLineEndings("\r\n"));
        ShouldFail(folder).Should().Contain("which dpkg never writes");
    }

    // Cut anywhere, a file is refused, or it was cut exactly behind a line of a stanza that is complete as far as it goes.
    [Fact]
    public void A_cut_in_the_middle_of_a_line_is_always_seen()
    {
        string text = Stanza("aa", "1.0") + "\n" + Stanza("bb", "2.0");
        for (int length = 1; length < text.Length; length++)
        {
            using var folder = new StatusFolder(text[..length]);
            Action reading = () => DpkgStatus.Read(folder.StatusPath, "amd64");
            if (text[length - 1] != '\n')
                reading.Should().Throw<DpkgStatusException>("the file was cut at {0}", length);
        }
    }

    private static string ShouldFail(StatusFolder folder) =>
        ((Action)(() => DpkgStatus.Read(folder.StatusPath, "amd64"))).Should().Throw<DpkgStatusException>().Which.Message;
}
