using System.Reflection;
using System.Text;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.UnitTests.Settings;

public sealed class ConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Every_member_is_read()
    {
        string apt = _folder.Write("apt.conf", "Dir \"/srv/root\";");

        Configuration read = Load(
            $$"""
            {
              "aptConfig": "{{apt}}", "stateDir": "/s", "runDir": "/r", "logDir": "/l", "installedCriteriaFile": "/i",
              "unlistedRemovals": "allow", "allowSources": "https", "protectedPackages": ["ssh", "netbase"], "lockTimeoutSeconds": 5, "updateType": "contoso/apt-get_2.x:12"
            }
            """
        );

        read.Should()
            .BeEquivalentTo(
                new
                {
                    AptConfig = apt,
                    StateDir = "/s",
                    RunDir = "/r",
                    LogDir = "/l",
                    InstalledCriteriaFile = "/i",
                    UnlistedRemovals = UnlistedRemovals.Allow,
                    AllowSources = AllowSources.Https,
                    ProtectedPackages = new[] { "ssh", "netbase" },
                    LockTimeoutSeconds = 5,
                    UpdateType = "contoso/apt-get_2.x:12",
                }
            );
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
        read.AllowSources.Should().Be(AllowSources.Off);
        read.ProtectedPackages.Should().BeEmpty();
        read.LockTimeoutSeconds.Should().Be(600);
        read.UpdateType.Should().Be("microsoft/apt:1");
        read.System.ConfigurationFile.Should().BeNull();
    }

    [Theory]
    [InlineData("", 1, 1, "The file is empty; write {}")]
    [InlineData(" \n", 1, 1, "The file is empty; write {}")]
    [InlineData("[]", 1, 1, "must be an object such as {}, but this is an array")]
    [InlineData("\"text\"", 1, 1, "must be an object such as {}, but this is a string")]
    [InlineData("null", 1, 1, "must be an object such as {}, but this is null")]
    [InlineData("{", 1, 2, "the file ends before its last bracket is closed")]
    [InlineData("{} {}", 1, 4, "nothing may follow its last brace")]
    [InlineData("{\n  \"unknown\": 1\n}", 2, 3, "The member \"unknown\" is unknown; remove it, or correct its name.")]
    [InlineData("{\n  \"stateDirs\": \"/s\"\n}", 2, 3, "The member \"stateDirs\" is unknown; did you mean \"stateDir\"?")]
    [InlineData("{\n  \"StateDir\": \"/s\"\n}", 2, 3, "The member \"StateDir\" is unknown; did you mean \"stateDir\"?")]
    [InlineData("{\n  \"lock_timeout_seconds\": 5\n}", 2, 3, "did you mean \"lockTimeoutSeconds\"?")]
    [InlineData("{\n  \"system\": {}\n}", 2, 3, "The member \"system\" is unknown")]
    [InlineData(
        "{ \"runDir\": \"/r\",\n  \"runDir\": \"/r\" }",
        2,
        3,
        "The member \"runDir\" stands in this object already; keep one of them."
    )]
    [InlineData("{\n\n  // a comment\n}", 3, 3, "JSON has no comments; remove the comment")]
    [InlineData("{\n  \"stateDir\": \"/s\",\n}", 2, 19, "no comma may stand before \"}\"; remove the comma")]
    [InlineData(
        "{\n  \"stateDir\": 5\n}",
        2,
        15,
        "\"stateDir\" must be a string, but this is a number; write it in quotation marks: \"5\"."
    )]
    [InlineData("{\n  \"stateDir\": \"\\ud800\"\n}", 2, 15, "\"stateDir\" holds half of a surrogate pair")]
    [InlineData("{\n  \"stateDir\": null\n}", 2, 15, "\"stateDir\" must be a string, but this is null")]
    [InlineData("{\n  \"runDir\": {\"stateDir\":5}\n}", 2, 13, "\"runDir\" must be a string, but this is an object")]
    [InlineData("{\n  \"stateDir\": \"state\"\n}", 2, 15, "\"stateDir\" is \"state\"; write an absolute path, or leave the member out.")]
    [InlineData("{\n  \"runDir\": \"./run\"\n}", 2, 13, "\"runDir\" is \"./run\"; write an absolute path")]
    [InlineData("{\n  \"logDir\": \"\"\n}", 2, 13, "\"logDir\" is \"\"; write an absolute path")]
    [InlineData("{\n  \"installedCriteriaFile\": \"x\"\n}", 2, 28, "\"installedCriteriaFile\" is \"x\"; write an absolute path")]
    [InlineData("{\n  \"aptConfig\": \"apt.conf\"\n}", 2, 16, "\"aptConfig\" is \"apt.conf\"; write an absolute path")]
    [InlineData("{\n  \"aptConfig\": 5\n}", 2, 16, "\"aptConfig\" must be a string")]
    [InlineData("{\n  \"stateDir\": \"/a\\u0000b\"\n}", 2, 15, "\"stateDir\" is \"/a\\u0000b\"; write an absolute path")]
    [InlineData(
        "{\n  \"protectedPackages\": \"ssh\"\n}",
        2,
        24,
        "\"protectedPackages\" must be a list such as [\"openssh-server\"], but this is a string."
    )]
    [InlineData("{\n  \"protectedPackages\": null\n}", 2, 24, "\"protectedPackages\" must be a list")]
    [InlineData("{\n  \"protectedPackages\": [1]\n}", 2, 25, "A package in \"protectedPackages\" must be a string")]
    [InlineData(
        "{\n  \"protectedPackages\": [\"ssh\", null]\n}",
        2,
        32,
        "A package in \"protectedPackages\" must be a string, but this is null"
    )]
    [InlineData("{\n  \"protectedPackages\": [\"\"]\n}", 2, 25, "write names of packages")]
    [InlineData("{\n  \"protectedPackages\": [\"lib*\"]\n}", 2, 25, "\"protectedPackages\" holds \"lib*\"; write names of packages")]
    [InlineData("{\n  \"protectedPackages\": [\"ssh:amd64\"]\n}", 2, 25, "without architectures")]
    [InlineData(
        "{\n  \"lockTimeoutSeconds\": \"5\"\n}",
        2,
        25,
        "\"lockTimeoutSeconds\" must be a whole number from 0 to 86400, but this is a string."
    )]
    [InlineData("{\n  \"lockTimeoutSeconds\": 1.5\n}", 2, 25, "\"lockTimeoutSeconds\" must be a whole number from 0 to 86400.")]
    [InlineData("{\n  \"lockTimeoutSeconds\": -1\n}", 2, 25, "must be a whole number from 0 to 86400.")]
    [InlineData("{\n  \"lockTimeoutSeconds\": 86401\n}", 2, 25, "must be a whole number from 0 to 86400.")]
    [InlineData("{\n  \"lockTimeoutSeconds\": 99999999999\n}", 2, 25, "must be a whole number from 0 to 86400.")]
    [InlineData("{\n  \"lockTimeoutSeconds\": [5, {}]\n}", 2, 25, "but this is an array")]
    [InlineData("{\n  \"unlistedRemovals\": \"perhaps\"\n}", 2, 23, "\"unlistedRemovals\" is \"perhaps\"; write \"refuse\" or \"allow\".")]
    [InlineData("{\n  \"unlistedRemovals\": \"Allow\"\n}", 2, 23, "write \"refuse\" or \"allow\"")]
    [InlineData("{\n  \"unlistedRemovals\": 1\n}", 2, 23, "\"unlistedRemovals\" must be a string")]
    [InlineData("{\n  \"unlistedRemovals\": null\n}", 2, 23, "\"unlistedRemovals\" must be a string")]
    [InlineData("{\n  \"updateType\": null\n}", 2, 17, "\"updateType\" must be a string")]
    public void A_mistake_is_told_with_file_place_and_remedy(string text, int line, int column, string mistake)
    {
        UpdateException failure = FailureOf(text);

        failure.Cause.Should().Be(ExtendedResult.Configuration);
        failure
            .Message.Should()
            .StartWith($"cannot use {_folder["config.json"]}: 1 error, line {line}, column {column}: ")
            .And.Contain(mistake)
            .And.EndWith(" See man du-apt-handler.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("microsoft/apt")]
    [InlineData("apt:1")]
    [InlineData("microsoft/apt:")]
    [InlineData("microsoft/apt:one")]
    [InlineData("/apt:1")]
    [InlineData("microsoft/:1")]
    [InlineData("a/b/c:1")]
    [InlineData("a/b:1:2")]
    [InlineData("micro soft/apt:1")]
    [InlineData("mü/apt:1")]
    public void What_is_no_update_type_is_told_with_what_to_write(string type) =>
        FailureOf($$"""{"updateType":"{{type}}"}""")
            .Message.Should()
            .Contain($"line 1, column 15: \"updateType\" is \"{type}\"; write <provider>/<name>:<number>, such as \"microsoft/apt:1\".");

    [Fact]
    public void Of_several_mistakes_the_first_is_told_in_full_and_the_others_are_counted() =>
        FailureOf("{\n  \"lockTimeoutSeconds\": -1,\n  \"stateDir\": \"x\",\n  \"nonsense\": [ { } ]\n}")
            .Message.Should()
            .Contain(": 3 errors, first error: line 2, column 25: \"lockTimeoutSeconds\" must be");

    [Theory]
    [InlineData(0)]
    [InlineData(86400)]
    public void The_longest_and_the_shortest_patience_are_accepted(int seconds) =>
        Load($$"""{"lockTimeoutSeconds":{{seconds}}}""").LockTimeoutSeconds.Should().Be(seconds);

    [Fact]
    public void Every_member_is_documented_and_is_read_with_the_documented_default()
    {
        string[] properties =
        [
            .. typeof(Configuration).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name),
        ];
        string[] documented = [.. ConfigurationMember.All.Select(member => member.Name)];
        documented
            .Select(name => char.ToUpperInvariant(name[0]) + name[1..])
            .Append(nameof(Configuration.System))
            .Should()
            .BeEquivalentTo(properties);

        foreach (ConfigurationMember member in ConfigurationMember.All)
        {
            // Each is known by its name: a file with the default says the same as one without it.
            Load($$"""{"{{member.Name}}":{{member.Default ?? "null"}}}""").Should().BeEquivalentTo(new Configuration(), member.Name);
            Action readingNonsense = () => Load($$"""{"{{member.Name}}":true}""");
            readingNonsense.Should().Throw<UpdateException>().WithMessage("*but this is a boolean*");
        }
    }

    [Fact]
    public void A_missing_description_of_a_private_root_is_an_error_and_never_the_host() =>
        FailureOf($$"""{ "aptConfig": "{{_folder["none.conf"]}}" }""")
            .Message.Should()
            .Contain(
                $"line 1, column 16: \"aptConfig\" cannot be followed: cannot open {_folder["none.conf"]}: No such file or directory."
            );

    [Fact]
    public void A_file_that_is_named_must_exist()
    {
        Action loading = () => Configuration.Load(_folder["none"]);

        loading
            .Should()
            .Throw<UpdateException>()
            .WithMessage($"cannot use {_folder["none"]}: *No such file or directory*")
            .Which.Cause.Should()
            .Be(ExtendedResult.Configuration);
    }

    [Fact]
    public void A_folder_or_a_huge_file_is_refused()
    {
        Action loading = () => Configuration.Load(_folder.Path);

        loading.Should().Throw<UpdateException>().WithMessage("*not a regular file*");
        FailureOf("{}" + new string(' ', 1 << 20)).Message.Should().Contain("larger than");
    }

    [Fact]
    public void What_is_not_UTF_8_is_refused_with_its_place()
    {
        FailureOf([.. "{\n  \"stateDir\":\"/"u8, 0xff, 0xfe, .. "\"}"u8])
            .Message.Should()
            .Contain("line 2, column 16: The byte 0xFF is not UTF-8; save the file as UTF-8.");
        FailureOf(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("{}")).ToArray())
            .Message.Should()
            .Contain("The file is UTF-16; save it as UTF-8.");
    }

    public void Dispose() => _folder.Dispose();

    private Configuration Load(string text) => Load(Encoding.UTF8.GetBytes(text));

    private Configuration Load(byte[] text)
    {
        File.WriteAllBytes(_folder["config.json"], text);
        return Configuration.Load(_folder["config.json"]);
    }

    private UpdateException FailureOf(string text) => FailureOf(Encoding.UTF8.GetBytes(text));

    private UpdateException FailureOf(byte[] text)
    {
        Action loading = () => Load(text);
        return loading.Should().Throw<UpdateException>().Which;
    }
}
