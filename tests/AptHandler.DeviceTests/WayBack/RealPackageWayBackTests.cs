using System.IO.Enumeration;
using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Rollback.WayBack;
using AptHandler.SystemTests.Updates;

namespace AptHandler.DeviceTests.WayBack;

/// <summary>
/// The way back with packages of Debian and their maintainer scripts: the whole tree and all databases are as before, but for what the
/// scripts have done outside of their packages. That is listed with each row, path by path.
/// </summary>
[Trait("Needs", "amd64")]
public abstract class RealPackageWayBackTests
{
    private const string Manifest = "/tmp/way-back.json";

    // "old NAME ..." is for apt: the version that Debian has, and not the one that was raised for the tests.
    private const string Words = """
        exec >/tmp/prepared 2>&1
        old() { for name; do echo "$name=$(apt-cache madison "$name" | cut -d'|' -f2 | tr -d ' ' | grep -v next | head -n 1)"; done; }
        install() { apt-get -q -y --no-install-recommends install "$@"; }

        """;

    // Mounts, and what the tests have put there.
    private static readonly string[] NotOfTheDevice = ["/proc", "/sys", "/dev", Device.Repository, "/tmp/prepared", Manifest];

    private protected static void GoesBack(Row row)
    {
        using var device = Device.WithDebian();
        device.Shell(Words + row.Prepared);
        var before = ImageOf(device);
        var details = row.Ending == Ending.Restored ? IsRestored(device, row) : Fails(device, row);
        var differences = ImageOf(device).DifferencesFrom(before);
        var allowed = row.Named.Concat(row.Unseen).SelectMany(trace => trace.Paths);
        var surplus = differences.Where(difference => !allowed.Any(path => IsLike(path, difference.Name)));
        string.Join('\n', surplus).Should().BeEmpty($"the device is as before, and the result was \"{details}\"");
        var missing = allowed.Where(path => !differences.Any(difference => IsLike(path, difference.Name)));
        missing.Should().BeEmpty("what is listed is what is different");
        // The one line has no room for many.
        var told = details.Contains("more (see the log)", StringComparison.Ordinal)
            ? details + device.Shell("cat /var/log/adu/du-apt.*.log")
            : details;
        foreach (var path in row.Named.SelectMany(trace => trace.Paths))
            Above(path).Should().Contain(each => IsNamed(each, told), $"{path} is left over, and the result was \"{told}\"");
        foreach (var account in row.Accounts)
            told.Should().Contain(account);
        if (row is { Named: [], Accounts: [] })
            details.Should().Contain("the device is as it was before");
        Answer.Of(device.Try("du-apt", "recover", "--json")).Details.Should().Be("no update is half-done");
    }

    private static string Fails(Device device, Row row)
    {
        var failing = Published.FailsAfter(row.Update[0]);
        var (words, cause) =
            row.Ending == Ending.PostinstFails
                ? ([.. row.Update, failing], $"a maintainer script of {failing} failed")
                : (row.Update, "No space left on device");
        var answer = Deploy(device, [.. words]);
        answer.ResultCode.Should().Be(0, answer.Details);
        answer.Details.Should().Contain(cause);
        return answer.Details;
    }

    private static string IsRestored(Device device, Row row)
    {
        var installed = Deploy(device, [.. row.Update]);
        installed.Cause.Should().Be((0, 700, "0x00000000"), installed.Details);
        device.Shell(row.Since);
        var answer = Answer.Of(device.Try("du-apt", "restore", "--json"));
        answer.Cause.Should().Be((0, 1100, "0x00000000"), answer.Details);
        return answer.Details;
    }

    private static Answer Deploy(Device device, params string[] words) =>
        Answer.Of(device.Try("du-apt", "deploy", "--json", device.Write(Manifest, Manifests.Of(words))));

    private static MachineImage ImageOf(Device device) => MachineImage.Of(device.At("/."), NotOfTheDevice);

    private static bool IsLike(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    private static IEnumerable<string> Above(string path)
    {
        for (var each = path; each is { Length: > 1 }; each = Path.GetDirectoryName(each))
            yield return each;
    }

    private static bool IsNamed(string path, string details) => details.Split([' ', ',', ';']).Contains(path, StringComparer.Ordinal);
}
