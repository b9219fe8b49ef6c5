using System.Diagnostics;
using AptHandler.Apt;
using Microsoft.Extensions.Logging.Abstractions;

namespace AptHandler.UnitTests.Apt;

public sealed class MaintainerScriptsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_dpkg_of_the_update_that_does_not_end_is_not_waited_for_without_bound_and_is_named()
    {
        using var dpkg = Dpkg("secret");
        Action waiting = () => Scripts("secret", TimeSpan.FromMilliseconds(20)).WaitForPrograms(CancellationToken.None);
        waiting.Should().Throw<AptException>().Which.Failure.Evidence.Should().Be($"dpkg (process {dpkg.Id}) of this update still runs");
        dpkg.Kill();
    }

    [Fact]
    public void Waiting_for_it_can_be_cancelled()
    {
        using var dpkg = Dpkg("secret");
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Action waiting = () => Scripts("secret", TimeSpan.FromHours(1)).WaitForPrograms(cancellation.Token);
        waiting.Should().Throw<OperationCanceledException>();
        dpkg.Kill();
    }

    [Fact]
    public void One_that_does_not_know_the_secret_is_not_waited_for()
    {
        using var dpkg = Dpkg("1");
        Scripts("secret", TimeSpan.FromHours(1)).WaitForPrograms(CancellationToken.None);
        dpkg.HasExited.Should().BeFalse();
        dpkg.Kill();
    }

    public void Dispose() => _folder.Dispose();

    private MaintainerScripts Scripts(string token, TimeSpan timeout) =>
        new(AptSystem.Read(_folder.Write("apt.conf", $"Dir \"{_folder.Path}\";")), token, timeout, NullLogger.Instance);

    private Process Dpkg(string token)
    {
        File.Copy("/bin/sleep", _folder["dpkg"]);
        var start = new ProcessStartInfo(_folder["dpkg"], ["60"]) { Environment = { [MaintainerScripts.Variable] = token } };
        return Process.Start(start)!;
    }
}
