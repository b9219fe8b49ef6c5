using AptHandler.Authoring.Desks;

namespace AptHandler.UnitTests.Authoring.Desks;

/// <summary>
/// apt starts a program by the name of each scheme: a file of sources may name none but the known ones, however it is written.
/// </summary>
public sealed class SourcesFileTests
{
    [Theory]
    [InlineData("deb http://a.example/ stable main")]
    [InlineData("deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] https://a.example/%7Ex stable main # deb evil:/")]
    [InlineData("deb\t[ arch=amd64,arm64\ttrusted=yes ]\tcopy:/srv/x ./\r")]
    [InlineData("  # deb evil:/ ./")]
    [InlineData("deb-src file:/srv/x ./\n\n\ndeb http://[::1]:8080/ ./\n")]
    public void A_list_of_known_schemes_is_taken(string text) => SourcesFile.Fault(text, isList: true).Should().BeNull();

    [Theory]
    [InlineData("deb ../../../tmp/x:/ ./", 1)]
    [InlineData("deb http://a.example/ s c\ndeb-src ../x:/ ./", 2)]
    [InlineData("deb \"../x:/\" ./", 1)]
    [InlineData("deb %2e%2e/x:/ ./", 1)]
    [InlineData("deb mirror+http://a.example/list ./", 1)]
    [InlineData("deb mirror://a.example/list ./", 1)]
    [InlineData("deb cdrom:[Debian]/ ./", 1)]
    [InlineData("deb HTTP://a.example/ ./", 1)]
    [InlineData("deb httpx://a.example/ ./", 1)]
    [InlineData("deb [arch=amd64 ../x:/ ] http://a.example/ ./", 1)]
    [InlineData("deb [a=\"] http://a.example/ ./ \"] ../x:/ ./", 1)]
    [InlineData("deb [a=b]../x:/ http://a.example/ ./", 1)]
    [InlineData("deb [a=b http://a.example/ ./", 1)]
    [InlineData("deb [a=[b] http:] ../x:/ ./", 1)]
    [InlineData("deb ../x[ http:]:/ ./", 1)]
    [InlineData("deb [a=b] \v../x:/ ./", 1)]
    [InlineData("deb http://a.example/ ./\0", 1)]
    public void A_list_of_others_is_refused_with_its_line(string text, int line) =>
        SourcesFile.Fault(text, isList: true).Should().StartWith($"line {line}");

    [Theory]
    [InlineData("Types: deb\nURIs: http://a.example/ https://b.example/\nSuites: x\nComponents: y")]
    [InlineData("# URIs: evil:/\r\nuris:\r\n http://a.example/\r\n\tfile:/srv/x\r\nSuites: x\r\n")]
    [InlineData(
        "URIs: http://a.example/\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n Comment: https: and evil:/\n .\n "
            + "abc=\nX-Name: evil:/x"
    )]
    public void Stanzas_of_known_schemes_are_taken(string text) => SourcesFile.Fault(text, isList: false).Should().BeNull();

    [Theory]
    [InlineData("Types: deb\nURIs: ../../../tmp/x:/\nSuites: ./", 2)]
    [InlineData("URIs: http://a.example/ ../x:/", 1)]
    [InlineData("URIs: http://a.example/\n# a remark\n ../x:/", 3)]
    [InlineData("uRIS : ../x:/", 1)]
    [InlineData("URIs:\n\t../x:/", 2)]
    [InlineData("URIs: http://a.example/\n\nSuites: x\nURIs: mirror+file:/etc/mirrors", 4)]
    [InlineData("Suites: x\u0001\nURIs: http://a.example/", 1)]
    [InlineData("Suites: x\rURIs: http://a.example/", 1)]
    [InlineData("Types: deb\nURIs\n: ../../../tmp/x:/\nSuites: ./\n", 2)]
    [InlineData("Types: deb\nURIs\n : ../../../tmp/x:/\nSuites: ./\n", 2)]
    [InlineData("Types: deb\nURIs\n#c\n: ../../../tmp/x:/\nSuites: ./\n", 2)]
    [InlineData("URIs:\n #:/ ../x:/\nSuites: ./\n", 2)]
    [InlineData(" ../x:/\n", 1)]
    [InlineData("\ufeffURIs: http://a.example/\n", 1)]
    public void Stanzas_of_others_are_refused_with_their_line(string text, int line) =>
        SourcesFile.Fault(text, isList: false).Should().StartWith($"line {line}");
}
