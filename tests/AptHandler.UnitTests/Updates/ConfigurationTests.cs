using System.Text;
using AptHandler.Updates;

namespace AptHandler.UnitTests.Updates;

public sealed class ConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Every_member_is_read()
    {
        string apt = _folder.Write("apt.conf", "Dir \"/srv/root\";");

        Configuration read = Load($$"""
            {
              "aptConfig": "{{apt}}", "stateDir": "/s", "runDir": "/r", "logDir": "/l", "installedCriteriaFile": "/i",
              "unlistedRemovals": "allow", "protectedPackages": ["ssh", "netbase"], "lockTimeoutSeconds": 5,
              "updateType": "contoso/apt-get_2.x:12"
            }
            """);

        read.Should().BeEquivalentTo(new
        {
            AptConfig = apt,
            StateDir = "/s",
            RunDir = "/r",
            LogDir = "/l",
            InstalledCriteriaFile = "/i",
            UnlistedRemovals = UnlistedRemovals.Allow,
            ProtectedPackages = new[] { "ssh", "netbase" },
            LockTimeoutSeconds = 5,
            UpdateType = "contoso/apt-get_2.x:12",
        });
        read.System.ConfigurationFile.Should().Be(apt);
        read.System.StatusFile.Should().Be("/srv/root/var/lib/dpkg/status");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("\uFEFF{}")]
    [InlineData("{\"aptConfig\":null}")]
    public void What_is_not_said_has_its_documented_value(string text)
    {
        Configuration read = Load(text);

        read.Should().BeEquivalentTo(new Configuration());
        read.StateDir.Should().Be("/var/lib/du-apt-handler");
        read.RunDir.Should().Be("/run/du-apt-handler");
        read.LogDir.Should().Be("/var/log/adu");
        read.InstalledCriteriaFile.Should().Be("/var/lib/adu/installedcriteria");
        read.UnlistedRemovals.Should().Be(UnlistedRemovals.Refuse);
        read.ProtectedPackages.Should().BeEmpty();
        read.LockTimeoutSeconds.Should().Be(600);
        read.UpdateType.Should().Be("microsoft/apt:1");
        read.System.ConfigurationFile.Should().BeNull();
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("[]", 1)]
    [InlineData("\"text\"", 1)]
    [InlineData("{", 1)]
    [InlineData("{} {}", 1)]
    [InlineData("{\n  \"unknown\": 1\n}", 2)]
    [InlineData("{\n  \"StateDir\": \"/s\"\n}", 2)]
    [InlineData("{\n\n  // a comment\n}", 3)]
    [InlineData("{\n  \"stateDir\": \"/s\",\n}", 3)]
    [InlineData("{\n  \"stateDir\": 5\n}", 2)]
    [InlineData("{\n  \"protectedPackages\": \"ssh\"\n}", 2)]
    [InlineData("{\n  \"protectedPackages\": [1]\n}", 2)]
    [InlineData("{\n  \"lockTimeoutSeconds\": \"5\"\n}", 2)]
    [InlineData("{\n  \"lockTimeoutSeconds\": 1.5\n}", 2)]
    [InlineData("{\n  \"lockTimeoutSeconds\": 99999999999\n}", 2)]
    [InlineData("{\n  \"unlistedRemovals\": \"perhaps\"\n}", 2)]
    [InlineData("{\n  \"unlistedRemovals\": null\n}", 2)]
    [InlineData("{\n  \"stateDir\": \"\\ud800\"\n}", 2)]
    public void What_does_not_fit_is_named_with_file_and_line(string text, int line)
    {
        UpdateException failure = FailureOf(text);

        failure.Cause.Should().Be(ExtendedResult.Configuration);
        failure.Message.Should().StartWith($"cannot use {_folder["config.json"]}, line {line}, byte ").And.EndWith("the README lists the members");
        failure.Message.Should().NotContainAny("Path:", "LineNumber", ".NET", "System.", "AptHandler.");
    }

    [Theory]
    [InlineData("{\"stateDir\":null}", "stateDir", "absolute path")]
    [InlineData("{\"runDir\":null}", "runDir", "absolute path")]
    [InlineData("{\"logDir\":null}", "logDir", "absolute path")]
    [InlineData("{\"installedCriteriaFile\":null}", "installedCriteriaFile", "absolute path")]
    [InlineData("{\"stateDir\":\"state\"}", "stateDir", "absolute path")]
    [InlineData("{\"runDir\":\"./run\"}", "runDir", "absolute path")]
    [InlineData("{\"logDir\":\"\"}", "logDir", "absolute path")]
    [InlineData("{\"installedCriteriaFile\":\"x\"}", "installedCriteriaFile", "absolute path")]
    [InlineData("{\"aptConfig\":\"apt.conf\"}", "aptConfig", "absolute path")]
    [InlineData("{\"stateDir\":\"/a\\u0000b\"}", "stateDir", "absolute path")]
    [InlineData("{\"lockTimeoutSeconds\":-1}", "lockTimeoutSeconds", "0 to 86400")]
    [InlineData("{\"lockTimeoutSeconds\":86401}", "lockTimeoutSeconds", "0 to 86400")]
    [InlineData("{\"unlistedRemovals\":7}", "unlistedRemovals", "refuse or allow")]
    [InlineData("{\"protectedPackages\":[\"ssh\",null]}", "protectedPackages", "names of packages")]
    [InlineData("{\"protectedPackages\":null}", "protectedPackages", "names of packages")]
    [InlineData("{\"protectedPackages\":[\"\"]}", "protectedPackages", "names of packages")]
    [InlineData("{\"protectedPackages\":[\"lib*\"]}", "protectedPackages", "names of packages")]
    [InlineData("{\"protectedPackages\":[\"ssh:amd64\"]}", "protectedPackages", "names of packages")]
    [InlineData("{\"updateType\":null}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"\"}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"microsoft/apt\"}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"apt:1\"}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"microsoft/apt:\"}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"microsoft/apt:one\"}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"/apt:1\"}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"microsoft/:1\"}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"a/b/c:1\"}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"a/b:1:2\"}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"micro soft/apt:1\"}", "updateType", "microsoft/apt:1")]
    [InlineData("{\"updateType\":\"m\u00fc/apt:1\"}", "updateType", "microsoft/apt:1")]
    public void A_value_that_cannot_be_is_named_with_member_and_remedy(string text, string member, string remedy)
    {
        UpdateException failure = FailureOf(text);

        failure.Cause.Should().Be(ExtendedResult.Configuration);
        failure.Message.Should().StartWith($"cannot use {_folder["config.json"]}: {member} ").And.Contain(remedy);
    }

    [Fact]
    public void A_missing_description_of_a_private_root_is_an_error_and_never_the_host() =>
        FailureOf($$"""{"aptConfig":"{{_folder["none.conf"]}}"}""").Message.Should().Contain(_folder["none.conf"]).And.Contain("No such file");

    [Fact]
    public void A_file_that_is_named_must_exist()
    {
        Action loading = () => Configuration.Load(_folder["none"]);

        loading.Should().Throw<UpdateException>().WithMessage($"cannot use {_folder["none"]}: *No such file or directory*").Which.Cause.Should().Be(ExtendedResult.Configuration);
    }

    [Fact]
    public void Null_in_the_place_of_the_whole_is_refused() => FailureOf("null").Message.Should().Contain("it holds null instead of an object");

    [Theory]
    [InlineData("{\"stateDirs\":\"/x\"}", "there is no member \"stateDirs\"")]
    [InlineData("{\"stateDir\":5}", "stateDir has a value of the wrong kind")]
    [InlineData("{\"protectedPackages\":[5]}", "protectedPackages has a value of the wrong kind")]
    [InlineData("[]", "it holds something else than an object")]
    public void The_member_that_does_not_fit_is_named(string text, string cause) => FailureOf(text).Message.Should().Contain(cause);

    [Fact]
    public void A_folder_or_a_huge_file_is_refused()
    {
        Action loading = () => Configuration.Load(_folder.Path);

        loading.Should().Throw<UpdateException>().WithMessage("*not a regular file*");
        FailureOf("{}" + new string(' ', 1 << 20)).Message.Should().Contain("larger than");
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        File.WriteAllBytes(_folder["config.json"], [.. "{\"stateDir\":\"/"u8, 0xff, 0xfe, .. "\"}"u8]);
        Action loading = () => Configuration.Load(_folder["config.json"]);

        loading.Should().Throw<UpdateException>().Which.Cause.Should().Be(ExtendedResult.Configuration);
    }

    public void Dispose() => _folder.Dispose();

    private Configuration Load(string text)
    {
        File.WriteAllBytes(_folder["config.json"], Encoding.UTF8.GetBytes(text));
        return Configuration.Load(_folder["config.json"]);
    }

    private UpdateException FailureOf(string text)
    {
        Action loading = () => Load(text);
        return loading.Should().Throw<UpdateException>().Which;
    }
}
