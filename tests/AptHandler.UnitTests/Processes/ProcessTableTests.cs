using System.Diagnostics;
using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.UnitTests.Processes;

public sealed class ProcessTableTests
{
    [Fact]
    public void A_program_that_runs_as_root_because_anybody_may_start_it_so_is_not_started_by_root()
    {
        using var folder = new TemporaryFolder();
        var program = folder["dpkg"];
        File.Copy("/bin/sleep", program);
        RealProgram.Shell($"chmod 0755 {folder.Path} && chmod 4755 {program}").Exit.IsSuccess.Should().BeTrue();
        using var process = Process.Start("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", program, "60"]);
        try
        {
            SpinWait
                .SpinUntil(() => ProcessTable.Read().Exists(each => each.Id == process.Id && each.Name == "dpkg"), TimeSpan.FromSeconds(10))
                .Should()
                .BeTrue();
            Descriptor.StatusOf($"/proc/{process.Id}")!.Value.User.Should().Be(0, "it runs as root");
            ProcessTable.IsStartedByThisUser(process.Id).Should().BeFalse();
            ProcessTable.IsStartedByThisUser(Environment.ProcessId).Should().BeTrue();
        }
        finally
        {
            process.Kill();
        }
    }
}
