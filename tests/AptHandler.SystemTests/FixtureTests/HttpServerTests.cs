using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.FixtureTests;

public sealed class HttpServerTests : IDisposable
{
    private readonly Repository _repository = new();
    private readonly HttpServer _server;
    private readonly PrivateRoot _root;

    public HttpServerTests()
    {
        _repository.Package("hello", "1.0+a~b", sizeKib: 300).Package("world", "1").Index();
        _server = new HttpServer(_repository);
        _root = PrivateRoot.Create(_repository, _server);
        _root.AptGet("update");
    }

    [Fact]
    public void Apt_installs_over_http()
    {
        _root.Install("hello", "world");
        _root.Installed("hello").Should().Be("1.0+a~b");
        _server.Exchanges.Should().Contain(exchange => exchange.Path == "/pool/hello_1.0+a~b_all.deb" && exchange.Status == 200);
    }

    [Theory]
    [InlineData(Fault.NotFound, "404  Not Found")]
    [InlineData(Fault.ServerError, "500  Internal Server Error")]
    [InlineData(Fault.HalfFile, "Error reading from server")]
    [InlineData(Fault.WrongBytes, "Hash Sum mismatch")]
    [InlineData(Fault.Stall, "timed out")]
    [InlineData(Fault.Refuse, "Connection failed")]
    public void A_package_that_is_served_badly_is_not_installed(Fault fault, string reason)
    {
        _server.Fail("/pool/hello_*", fault);
        var outcome = InstallHello();
        outcome.ExitStatus.Should().Be(100);
        outcome.Text.Should().Contain("E: Failed to fetch").And.Contain(reason);
        _root.Installed("hello").Should().BeNull();

        _server.Heal();
        InstallHello().Succeeded("install");
        _root.Installed("hello").Should().Be("1.0+a~b");
    }

    [Theory]
    [InlineData(Fault.NotFound)]
    [InlineData(Fault.WrongBytes)]
    [InlineData(Fault.HalfFile)]
    public void An_index_that_is_served_badly_is_refused(Fault fault)
    {
        _repository.Package("hello", "2").Index();
        _server.Fail("*InRelease", fault);
        _root.TryAptGet("update", "--error-on=any", "-o", "Acquire::Retries=0").ExitStatus.Should().Be(100);
    }

    [Fact]
    public void A_fault_can_pass_and_a_broken_download_is_resumed()
    {
        _server.Fail("/pool/hello_*", Fault.HalfFile, times: 1);
        InstallHello("-o", "Acquire::Retries=2").Succeeded("install");
        _root.Installed("hello").Should().Be("1.0+a~b");
        _server.Exchanges.Should().Contain(exchange => exchange.Range != null && exchange.Status == 206);
    }

    [Fact]
    public void A_server_can_go_down_and_come_back()
    {
        _server.Down();
        InstallHello().Text.Should().Contain("Connection refused");
        _server.Up();
        InstallHello().ExitStatus.Should().Be(0);
    }

    public void Dispose()
    {
        _root.Dispose();
        _server.Dispose();
        _repository.Dispose();
    }

    private Outcome InstallHello(params string[] options) =>
        _root.TryAptGet(["-y", "-o", "Acquire::http::Timeout=1", "-o", "Acquire::Retries=0", .. options, "install", "hello"]);
}
