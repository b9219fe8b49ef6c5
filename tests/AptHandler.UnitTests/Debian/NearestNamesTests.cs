using AptHandler.Debian;

namespace AptHandler.UnitTests.Debian;

public sealed class NearestNamesTests
{
    private static readonly string[] Known =
    [
        "libthermo",
        "libthermo1",
        "libthermo-dev",
        "thermocontrol",
        "my_lib",
        "my-lib",
        "vim",
        "vis",
        "g++",
    ];

    [Theory]
    [InlineData("libthremo", "libthermo", "libthermo1")]
    [InlineData("libthermo2", "libthermo", "libthermo1")]
    [InlineData("thermocontorl", "thermocontrol")]
    [InlineData("thermcontrl", "thermocontrol")]
    [InlineData("vin", "vim", "vis")]
    [InlineData("vxx")]
    [InlineData("mylib", "my-lib")]
    [InlineData("g+", "g++")]
    [InlineData("nothing-of-the-kind")]
    [InlineData("vim", "vis")]
    public void Names_that_look_alike_are_found_the_nearest_first(string name, params string[] nearest) =>
        NearestNames.Of(name, Known).Should().Equal(nearest);

    [Fact]
    public void No_more_are_named_than_can_be_read() =>
        NearestNames.Of("package", Enumerable.Range(0, 9).Select(i => $"package{i}")).Should().Equal("package0", "package1", "package2");
}
