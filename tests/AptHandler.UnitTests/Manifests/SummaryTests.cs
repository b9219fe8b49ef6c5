using static AptHandler.UnitTests.Manifests.ManifestText;

namespace AptHandler.UnitTests.Manifests;

public class SummaryTests
{
    [Fact]
    public void No_problems_are_called_so() => Read(With("""{"name":"foo"}""")).Summary().Should().Be("no problems");

    [Fact]
    public void One_problem_is_given_in_full() =>
        Read(With("""{"name":"foo","version":"=1.0"}"""))
            .Summary()
            .Should()
            .Be(
                "1 error, line 4, column 29: The version \"=1.0\" of package \"foo\" starts with an equals sign, which is not "
                    + "part of a version; "
                    + "write \"1.0\"."
            );

    [Fact]
    public void Of_several_problems_the_first_error_is_given_though_warnings_precede_it() =>
        Read(With("""{"name":"foo","x":1,"y":2}""", """{"name":"Bad"}""", "1"))
            .Summary()
            .Should()
            .StartWith("2 errors and 2 warnings, first error: line 5, column 13: The package name \"Bad\" ");

    [Fact]
    public void Warnings_alone_are_given_as_such() =>
        Read(With("""{"name":"foo","x":1,"y":2}""")).Summary().Should().StartWith("2 warnings, first: line 4, column 19: The member \"x\"");
}
