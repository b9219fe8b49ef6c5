using AptHandler.FaultTests.Faults;
using AptHandler.FaultTests.Machines;

namespace AptHandler.FaultTests;

/// <summary>
/// An update never leaves a device in between: whoever dies, at whatever point, the packages are the old ones or the new ones,
/// at the latest after one recovery. Each test takes an even sample of all the points that there are; scripts/soak.sh takes random ones.
/// </summary>
public sealed class OldOrNewTests(Laboratory laboratory) : IClassFixture<Laboratory>
{
    public static TheoryData<string> Updates { get; } = [.. Scenarios.All.Where(each => !each.IsRestore).Select(each => each.Name)];

    public static TheoryData<string> Operations { get; } = [.. Scenarios.All.Select(each => each.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public void When_dpkg_dies_the_worker_brings_the_device_to_one_of_the_two_sets(string scenario) => Check(scenario, Victim.Dpkg, 5);

    [Theory]
    [MemberData(nameof(Updates))]
    public void When_apt_dies_the_worker_brings_the_device_to_one_of_the_two_sets(string scenario) => Check(scenario, Victim.Apt, 4);

    [Theory]
    [MemberData(nameof(Operations))]
    public void When_the_worker_dies_a_recovery_brings_the_device_to_one_of_the_two_sets(string scenario) =>
        Check(scenario, Victim.Worker, 5);

    [Theory]
    [MemberData(nameof(Operations))]
    public void When_everything_dies_a_recovery_brings_the_device_to_one_of_the_two_sets(string scenario) =>
        Check(scenario, Victim.Everything, 6);

    [Theory]
    [MemberData(nameof(Operations))]
    public void When_a_maintainer_script_outlives_all_others_a_recovery_brings_the_device_to_one_of_the_two_sets(string scenario) =>
        Check(scenario, Victim.Ancestors, 2);

    [Theory]
    [MemberData(nameof(Operations))]
    public void When_a_maintainer_script_fails_once_the_worker_brings_the_device_to_one_of_the_two_sets(string scenario) =>
        Check(scenario, Victim.Script, 2);

    [Theory]
    [MemberData(nameof(Operations))]
    public void When_the_recovery_dies_as_well_the_next_one_brings_the_device_to_one_of_the_two_sets(string scenario)
    {
        var random = new Random(1);
        Check([
            .. Sample(Points(scenario, Victim.Everything), 3)
                .Select(fault => (Scenarios.Of(scenario), fault, (Fault?)RandomFaults.InRecovery(random))),
        ]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void When_the_worker_dies_while_it_changes_sources_alone_a_recovery_brings_all_of_them_to_one_of_the_two_sets(bool isRestore)
    {
        var scenario = isRestore ? Scenarios.SourcesAlone with { Name = "restore-sources", IsRestore = true } : Scenarios.SourcesAlone;
        var points = laboratory
            .Points(scenario)
            .For(Victim.Worker)
            .Where(fault => fault.Place == Place.Own && fault.SystemCall.Contains("at", StringComparison.Ordinal))
            .ToList();
        Check([.. Sample(points, 16).Select(fault => (scenario, fault, (Fault?)null))]);
    }

    [Theory]
    [MemberData(nameof(Updates))]
    public void A_device_that_nobody_recovers_is_noticed(string scenario)
    {
        var points = Points(scenario, Victim.Everything).Where(fault => fault.Place == Place.At).ToList();
        var trials = laboratory.TryAll(Sample(points, 6).Select(fault => (Scenarios.Of(scenario), fault, (Fault?)null)), recovers: false);
        trials.Where(trial => trial.Failures.Count > 0).Should().HaveCountGreaterThan(3);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Every_point_can_be_written_and_read(string scenario)
    {
        var faults = Enum.GetValues<Victim>().SelectMany(victim => Points(scenario, victim)).ToList();
        faults.Should().OnlyHaveUniqueItems();
        faults.Select(fault => Fault.Parse(fault.ToString())).Should().Equal(faults);
    }

    private void Check(string scenario, Victim victim, int most) =>
        Check([.. Sample(Points(scenario, victim), most).Select(fault => (Scenarios.Of(scenario), fault, (Fault?)null))]);

    private void Check(IReadOnlyList<(Scenario, Fault, Fault?)> points)
    {
        points.Should().NotBeEmpty();
        var trials = laboratory.TryAll(points);
        // How often the worker tells its progress is a matter of time. All other points are there in every run.
        trials
            .Where(trial => !trial.IsHit && trial.Fault.Place != Place.Own)
            .Select(trial => trial.Point)
            .Should()
            .BeEmpty("all points are reached");
        trials.Should().Contain(trial => trial.IsHit);
        var failed = trials.Where(trial => trial.Failures.Count > 0).ToList();
        if (failed.Count > 0)
            Assert.Fail(
                $"{failed.Count} of {points.Count} points; repeat one with scripts/soak.sh SCENARIO FAULT\n{string.Join("\n\n", failed)}"
            );
    }

    private IReadOnlyList<Fault> Points(string scenario, Victim victim) => laboratory.Points(Scenarios.Of(scenario)).For(victim);

    // Of each kind of place in proportion, and from its beginning to its end.
    private static IEnumerable<T> Sample<T>(IReadOnlyList<T> all, int most) =>
        all.Count <= most ? all : Enumerable.Range(0, most).Select(index => all[(int)((index + 0.5) * all.Count / most)]);
}
