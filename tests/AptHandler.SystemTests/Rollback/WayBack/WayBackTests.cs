using System.Runtime.CompilerServices;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>The way back is exact: the whole tree and all databases are as before, and what is not is named.</summary>
public abstract class WayBackTests(PreparedRows rows) : IClassFixture<PreparedRows>
{
    private const string AsBefore = "the device is as it was before";
    private const string PackagesAsBefore = "the packages are as before";
    private protected const string SavedBeside = ".du-apt-saved";
    private const string HealthFolder = "/health.d";

    /// <summary>What lies in the root of a device, and is none of it.</summary>
    private protected static readonly string[] OfTheTests =
    [
        "/apt.conf",
        "/config.json",
        "/way-back-1.0.json",
        HealthFolder,
        $"/{PreparedRow.EndingFile}",
        "/tmp/started",
        "/tmp/go",
    ];

    /// <summary>Updates a device, has the update end, and compares the device with what it was before.</summary>
    /// <param name="ending">How it ends.</param>
    /// <param name="row">The device and the update.</param>
    /// <param name="name">What the devices of all endings have in common: the test.</param>
    private protected void GoesBack(Ending ending, Row row, [CallerMemberName] string name = "")
    {
        using var device = new Device(rows.Of(name, row).Root.Copy());
        File.WriteAllText(device.Root.At(PreparedRow.EndingFile), $"{ending}\n");
        using var mounted = row.Mounted?.Invoke(device.Root);
        var before = ImageOf(device);
        MachineImage? meanwhile = null;
        var answer = ending switch
        {
            Ending.PreinstFails or Ending.PostinstFails => Fails(device, row),
            Ending.HealthCheckFails => FailsTheCheck(device, row),
            Ending.Cancelled => IsCancelled(device, row),
            _ => IsRestored(device, row, out meanwhile),
        };
        var now = ImageOf(device);
        var differences = now.DifferencesFrom(Expected(before, meanwhile ?? now, row));
        string.Join('\n', differences).Should().BeEmpty($"the device is as before, and the result was \"{answer.Details}\"");
        IsTold(answer.Details, row);
        device.Run("recover").Details.Should().Be("no update is half-done");
    }

    private static MachineImage ImageOf(Device device) => MachineImage.Of(device.Root.Location, OfTheTests);

    // What stays is as it was last, before anything went back.
    private static MachineImage Expected(MachineImage before, MachineImage last, Row row)
    {
        var expected = before;
        foreach (var path in row.LeftOver.Concat(row.Written).Concat(row.Edited))
            expected = expected.With(path, last.At(path) ?? "something");
        foreach (var path in row.Saved)
            expected = expected.With(path + SavedBeside, last.At(path));
        return expected;
    }

    private static void IsTold(string details, Row row)
    {
        if (row is { LeftOver: [], Saved: [], Edited: [] })
        {
            if (row.Written is [])
                details.Should().Contain(AsBefore);
            return;
        }

        details.Should().NotContain(AsBefore);
        if (row.LeftOver is not [])
            details.Should().Contain($"{PackagesAsBefore}; left over: ");
        foreach (var path in row.LeftOver)
        {
            // A folder stands for what is in it.
            if (row.LeftOver.Any(other => IsBelow(other, path)))
                continue;
            var names = row.LeftOver.Where(other => other == path || IsBelow(path, other));
            var reason = $"{path} is left over, and the result was \"{details}\"";
            names.Should().Contain(each => details.Contains(each, StringComparison.Ordinal), reason);
        }

        foreach (var path in row.Saved)
            details.Should().Contain($"saved: {path}{SavedBeside}");
        foreach (var path in row.Edited)
            details.Should().Contain($"{path} was changed after the update, and stays");
    }

    private static bool IsBelow(string path, string folder) => path.StartsWith($"{folder}/", StringComparison.Ordinal);

    private static string Manifest(Device device, params string[] words) => device.NamedManifest("way-back", "1.0", words);

    private static Answer Fails(Device device, Row row)
    {
        var answer = device.Run("deploy", Manifest(device, [.. row.Update, PreparedRow.Last]));
        answer.Cause.Should().Be((1, 0, "0x30200200"), answer.Details);
        answer.Details.Should().Contain($"a maintainer script of {PreparedRow.Last} failed");
        return answer;
    }

    private static Answer FailsTheCheck(Device device, Row row)
    {
        var folder = Directory.CreateDirectory(device.Root.Location + HealthFolder).FullName;
        device.Configure("healthDir", folder);
        var check = Path.Combine(folder, "10-sick");
        File.WriteAllText(check, DeviceShell.Script(device.Root, $"{row.Since}\nexit 3"));
        File.SetUnixFileMode(check, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var answer = device.Run("deploy", Manifest(device, [.. row.Update]));
        answer.Cause.Should().Be((1, 0, "0x30200314"), answer.Details);
        return answer;
    }

    private static Answer IsCancelled(Device device, Row row)
    {
        using var running = device.Start("deploy", Manifest(device, [.. row.Update, PreparedRow.Last]), "--json");
        Wait.Until(() => running.HasEnded || File.Exists(device.Root.At("tmp/started")));
        device.Run("cancel").ResultCode.Should().Be(800);
        File.WriteAllText(device.Root.At("tmp/go"), "");
        var answer = Answer.Of(running.Wait());
        answer.ResultCode.Should().Be(-1, answer.Details);
        return answer;
    }

    private static Answer IsRestored(Device device, Row row, out MachineImage meanwhile)
    {
        var installed = device.Run("deploy", Manifest(device, [.. row.Update]));
        installed.Cause.Should().Be((0, 700, "0x00000000"), installed.Details);
        DeviceShell.Run(device.Root, row.Since);
        meanwhile = ImageOf(device);
        var answer = device.Run("restore");
        answer.Cause.Should().Be((0, 1100, "0x00000000"), answer.Details);
        return answer;
    }
}
