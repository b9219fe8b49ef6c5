using AptHandler.Apt;

namespace AptHandler.UnitTests.Apt;

public sealed class ReverseProvidesTests
{
    // As apt-cache showpkg 2.6 printed it, in parts.
    private const string Text = """
        Package: abi
        Versions: 

        Reverse Depends: 
          app,abi
        Dependencies: 
        Provides: 
        Reverse Provides: 
        srv 2.0 (= )
        srv 1.0 (= 1.0)
        other:i386 1.0 (= )
        Package: lib
        Versions: 
        1.0 (/var/lib/apt/lists/x_Packages)
         Description Language: 

        Reverse Depends: 
          app,lib
        Dependencies: 
        1.0 - low (2 1.0) 
        Provides: 
        1.0 - abi (= ) 
        Reverse Provides: 

        """;

    [Fact]
    public void Whoever_provides_a_name_is_listed_once() => ReverseProvides.Parse(Text).Should().Equal("srv", "other:i386");

    [Theory]
    [InlineData("")]
    [InlineData("srv 1.0 (= 1.0)\n")]
    [InlineData("Reverse Provides: \n srv 1.0\n")]
    public void What_is_no_line_of_the_list_is_passed_over(string text) => ReverseProvides.Parse(text).Should().BeEmpty();
}
