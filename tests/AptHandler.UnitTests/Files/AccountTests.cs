using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.UnitTests.Files;

public sealed class AccountTests
{
    [Fact]
    public void User_and_group_of_a_name_are_found() => Account.Find("root").Should().Be(Account.Root);

    // base-passwd gives these numbers on every Debian.
    [Fact]
    public void User_and_group_need_not_have_the_same_number() => Account.Find("games").Should().Be(new Account(5, 60));

    [Theory]
    [InlineData("no-such-account")]
    [InlineData("")]
    [InlineData("man:x")]
    public void A_name_that_nobody_bears_is_null(string name) => Account.Find(name).Should().BeNull();

    [Theory]
    [InlineData("nobody")] // a user whose group is nogroup
    [InlineData("nogroup")]
    public void A_user_without_a_group_of_its_name_is_no_account_and_neither_is_a_group_alone(string name) =>
        Account.Find(name).Should().BeNull();

    [Theory]
    [InlineData(10, 20, 0x100, true)] // 0400
    [InlineData(10, 20, 0x020, false)] // an owner has the rights of the owner only
    [InlineData(11, 20, 0x020, true)] // 0040
    [InlineData(11, 20, 0x104, false)]
    [InlineData(11, 21, 0x004, true)] // 0004
    [InlineData(11, 21, 0x120, false)]
    public void Owner_group_and_mode_decide_in_this_order(uint user, uint group, ushort mode, bool may) =>
        new Account(10, 20)
            .May(
                new Libc.FileStatus
                {
                    User = user,
                    Group = group,
                    Mode = mode,
                },
                Account.Read
            )
            .Should()
            .Be(may);

    [Fact]
    public void All_that_is_wanted_must_be_allowed()
    {
        var file = new Libc.FileStatus { Mode = 0x005 };
        new Account(10, 20).May(file, Account.Read | Account.Enter).Should().BeTrue();
        new Account(10, 20).May(file, Account.Read | Account.Write).Should().BeFalse();
    }

    [Fact]
    public void Root_may_do_all() => Account.Root.May(new Libc.FileStatus { User = 10, Mode = 0 }, Account.Write).Should().BeTrue();
}
