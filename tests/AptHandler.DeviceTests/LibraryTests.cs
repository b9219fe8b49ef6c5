using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests;

/// <summary>
/// The library in the agent's process, which is a C++ program: the object and its table, results of two numbers in the registers of this architecture,
/// threads, and the way out. The host judges what is not said here: an object that changes, a crash at dlclose or at exit, signals and children.
/// </summary>
public sealed class LibraryTests
{
    [Theory]
    [Trait("Also", "arm64")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Every_function_of_the_table_answers_with_both_numbers_and_without_a_workflow_does_nothing(string suite)
    {
        using var device = Device.Installed(suite);
        var report = Agent(device).Run("null-handle");
        report.Order.Should().Be(string.Join(' ', Twice("IsInstalled", "Download", "Backup", "Install", "Apply", "Restore", "Cancel")));
        report.Calls.Where(call => call.Method is not "Cancel").Should().OnlyContain(call => call.Result == new AgentResult(0, 0x30200001));
        report.Calls.Where(call => call.Method is "Cancel").Should().OnlyContain(call => call.Result == new AgentResult(801, 0));
    }

    [Theory]
    [Trait("Also", "arm64")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void It_can_be_closed_whatever_was_called_before_and_by_however_many_threads(string suite)
    {
        using var device = Device.Installed(suite);
        foreach (var scenario in new[] { "load-only", "create-only", "create-many" })
        {
            var report = Agent(device).Run(scenario);
            report.Calls.Should().BeEmpty(scenario);
            report.DescriptorsAtEnd.Should().Be(report.DescriptorsBefore, scenario);
        }
    }

    [Theory]
    [Trait("Also", "arm64")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Another_thread_may_cancel_at_any_time(string suite)
    {
        using var device = Device.Installed(suite);
        var report = Agent(device).Run("cancel-anytime");
        report.Outcome.Should().Be(new AgentResult(-1, 0), report.Details);
        report.Cancels.Able.Should().BePositive("a step was running");
        report.Cancels.Unable.Should().BePositive("nothing was running before the first call");
        report.Cancels.Other.Should().Be(0);
        device.Version("hello").Should().BeNull();
    }

    private static DeviceAgent Agent(Device device) => new(device) { Manifest = Manifests.Of("hello=1.0") };

    private static IEnumerable<string> Twice(params string[] words) => words.SelectMany(word => new[] { word, word });
}
