using AptHandler.Files;

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
    public void A_user_without_a_group_of_its_name_is_no_account_and_neither_is_a_group_alone(string name) => Account.Find(name).Should().BeNull();
}
