using AptHandler.Debian;
using static AptHandler.UnitTests.Debian.StatusFolder;

namespace AptHandler.UnitTests.Debian;

public sealed class DpkgStatusJournalTests
{
    [Fact]
    public void A_journal_stanza_replaces_that_of_the_status_file_in_its_place()
    {
        using StatusFolder folder = Machine().WithUpdate("0000", Stanza("bb", "2.1", "install ok unpacked"));
        DpkgStatus status = Read(folder);

        status.HasJournal.Should().BeTrue();
        status
            .Entries.Select(e => e.ToString())
            .Should()
            .Equal("aa:amd64 1 (Install, Installed)", "bb:amd64 2.1 (Install, Unpacked)", "cc:amd64 3 (Install, Installed)");
        status.Find(new PackageName("bb", null))!.Value.Version.Should().Be("2.1");
    }

    [Fact]
    public void Of_several_journal_stanzas_the_one_in_the_last_file_counts()
    {
        using StatusFolder folder = Machine()
            .WithUpdate("0010", Stanza("bb", "2.3"))
            .WithUpdate("0002", Stanza("bb", "2.1", "install ok half-installed"))
            .WithUpdate("0009", Stanza("bb", "2.2"));

        Read(folder).Find(new PackageName("bb", null))!.Value.Version.Should().Be("2.3");
    }

    [Fact]
    public void A_package_that_only_the_journal_knows_comes_last()
    {
        using StatusFolder folder = Machine().WithUpdate("0000", Stanza("zz", "9")).WithUpdate("0001", Stanza("ab", "8"));

        Read(folder).Entries.Select(e => e.Name).Should().Equal("aa", "bb", "cc", "zz", "ab");
    }

    [Fact]
    public void Not_installed_in_the_journal_removes_the_package()
    {
        using StatusFolder folder = Machine()
            .WithUpdate("0000", Stanza("bb", "2", "purge ok config-files"))
            .WithUpdate("0001", "Package: bb\nStatus: unknown ok not-installed\nArchitecture: amd64\n")
            .WithUpdate("0002", Stanza("new", "1", "unknown ok not-installed"));
        DpkgStatus status = Read(folder);

        status.Entries.Select(e => e.Name).Should().Equal("aa", "cc");
        status.Find(new PackageName("bb", null)).Should().BeNull();
    }

    [Fact]
    public void A_package_that_comes_back_after_it_was_removed_is_there()
    {
        using StatusFolder folder = Machine()
            .WithUpdate("0000", Stanza("bb", "2", "unknown ok not-installed"))
            .WithUpdate("0001", Stanza("bb", "4"));

        Read(folder).Find(new PackageName("bb", null))!.Value.Version.Should().Be("4");
    }

    [Fact]
    public void Another_architecture_is_another_package()
    {
        using StatusFolder folder = Machine().WithUpdate("0000", Stanza("bb", "5", architecture: "i386"));
        DpkgStatus status = Read(folder);

        status.Find(new PackageName("bb", null))!.Value.Version.Should().Be("2");
        status.Find(new PackageName("bb", "i386"))!.Value.Version.Should().Be("5");
    }

    [Theory]
    [InlineData("tmp.i")]
    [InlineData("0000.dpkg-new")]
    [InlineData("00a0")]
    public void Only_files_with_all_digit_names_are_the_journal(string name)
    {
        using StatusFolder folder = Machine().WithUpdate(name, "anything");
        DpkgStatus status = Read(folder);

        status.HasJournal.Should().BeFalse();
        status.Entries.Should().HaveCount(3);
    }

    [Fact]
    public void Without_a_folder_for_the_journal_there_is_none()
    {
        using StatusFolder folder = Machine();
        Directory.Delete(folder.Updates);
        Read(folder).HasJournal.Should().BeFalse();
    }

    // dpkg itself finds nothing wrong with it; that it was interrupted is told all the same.
    [Fact]
    public void An_empty_journal_file_changes_nothing()
    {
        using StatusFolder folder = Machine().WithUpdate("0000", "");
        DpkgStatus status = Read(folder);

        status.HasJournal.Should().BeTrue();
        status.Entries.Should().HaveCount(3);
    }

    [Fact]
    public void A_torn_journal_file_is_refused_by_its_name()
    {
        using StatusFolder folder = Machine().WithUpdate("0000", "Package: bb\nStat");
        ((Action)(() => Read(folder)))
            .Should()
            .Throw<DpkgStatusException>()
            .WithMessage(
                $"cannot read '{folder.Updates}/0000' from line 2 on: the file ends in the middle of a line; remove the damaged "
                    + "file and run 'dpkg --configure -a'"
            );
    }

    // A link that leads nowhere is listed and cannot be opened, just like a file that dpkg removes in between.
    [Fact]
    public void A_journal_that_vanishes_again_and_again_ends_in_an_error_and_not_in_a_loop()
    {
        using StatusFolder folder = Machine();
        File.CreateSymbolicLink(Path.Combine(folder.Updates, "0000"), "nowhere");
        ((Action)(() => Read(folder))).Should().Throw<DpkgStatusException>().WithMessage("cannot read*try again when dpkg has finished");
    }

    // What dpkg does, as fast as it can: two stanzas into the journal, a new status file, the journal removed. Every reader must see the
    // package at least as new as it was when the reading began, and nothing but whole files.
    [Fact]
    public async Task A_reader_beside_a_working_dpkg_never_sees_an_older_state()
    {
        using StatusFolder folder = Machine();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        long written = 0;
        Replace(folder.StatusPath, Stanza("bb", "0"));

        Task dpkg = Task.Run(() =>
        {
            for (long version = 1; !end.IsCancellationRequested; version += 2)
            {
                Replace(Path.Combine(folder.Updates, "0000"), Stanza("bb", $"{version}"));
                Volatile.Write(ref written, version);
                Replace(Path.Combine(folder.Updates, "0001"), Stanza("bb", $"{version + 1}"));
                Volatile.Write(ref written, version + 1);
                Replace(folder.StatusPath, Stanza("bb", $"{version + 1}"));
                File.Delete(Path.Combine(folder.Updates, "0000"));
                File.Delete(Path.Combine(folder.Updates, "0001"));
            }
        });

        int reads = 0;
        while (!end.IsCancellationRequested)
        {
            long atLeast = Volatile.Read(ref written);
            try
            {
                long seen = long.Parse(Read(folder).Find(new PackageName("bb", null))!.Value.Version);
                seen.Should().BeGreaterThanOrEqualTo(atLeast);
                reads++;
            }
            catch (DpkgStatusException e) when (e.Message.EndsWith("try again when dpkg has finished", StringComparison.Ordinal))
            {
                // No dpkg replaces its files that fast; to give up is right here.
            }
        }

        await dpkg;
        reads.Should().BePositive();
    }

    private static StatusFolder Machine() => new(Stanza("aa", "1") + "\n" + Stanza("bb", "2") + "\n" + Stanza("cc", "3"));

    private static DpkgStatus Read(StatusFolder folder) => DpkgStatus.Read(folder.StatusPath, "amd64");
}
