using AptHandler.Results;
using AptHandler.Updates;

namespace AptHandler.UnitTests.Updates;

public sealed class WorkerLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_first_worker_does_not_wait()
    {
        using WorkerLock turn = Take(TimeSpan.Zero, _ => Assert.Fail("nobody holds it"));

        WorkerLock.Holder(_folder.Path).Should().Be(Environment.ProcessId);
    }

    [Fact]
    public void The_lock_is_given_back()
    {
        Take(TimeSpan.Zero).Dispose();

        WorkerLock.Holder(_folder.Path).Should().BeNull();
        Take(TimeSpan.Zero).Dispose();
    }

    [Fact]
    public void Nobody_holds_what_does_not_exist() => WorkerLock.Holder(_folder["none"]).Should().BeNull();

    [Fact]
    public async Task A_second_worker_waits_is_told_for_whom_and_takes_its_turn()
    {
        WorkerLock first = Take(TimeSpan.Zero);
        var waitsFor = new TaskCompletionSource<int?>();
        Task<WorkerLock> second = Task.Run(() => Take(RealProgram.Patience, waitsFor.SetResult));

        (await waitsFor.Task.WaitAsync(RealProgram.Patience)).Should().Be(Environment.ProcessId);
        second.IsCompleted.Should().BeFalse();
        first.Dispose();

        using WorkerLock turn = await second.WaitAsync(RealProgram.Patience);
        WorkerLock.Holder(_folder.Path).Should().Be(Environment.ProcessId);
    }

    [Fact]
    public void Who_waits_too_long_is_told_that_another_update_runs_and_may_try_later()
    {
        using WorkerLock first = Take(TimeSpan.Zero);
        Action taking = () => Take(TimeSpan.FromMilliseconds(150));

        UpdateException failure = taking.Should().Throw<UpdateException>().WithMessage($"*process {Environment.ProcessId}*").Which;
        failure.Cause.Should().Be(ExtendedResult.Busy);
        failure.Cause.Outcome.Should().Be(UpdateOutcome.TryLater);
        WorkerLock.Holder(_folder.Path).Should().Be(Environment.ProcessId, "the first still has it");
    }

    [Fact]
    public void Who_is_cancelled_stops_waiting()
    {
        using WorkerLock first = Take(TimeSpan.Zero);
        using var cancellation = new CancellationTokenSource();
        Action taking = () =>
            WorkerLock.Take(
                _folder.Path,
                _ =>
                {
                    cancellation.Cancel();
                    return RealProgram.Patience;
                },
                cancellation.Token
            );

        taking.Should().Throw<OperationCanceledException>();
    }

    [Theory]
    [InlineData("4194999   \n")]
    [InlineData("")]
    [InlineData("no number")]
    [InlineData("99999999999999999999999999\n")]
    public void A_file_that_a_dead_worker_left_behind_is_nobodys_lock(string content)
    {
        _folder.Write("worker.lock", content);

        WorkerLock.Holder(_folder.Path).Should().BeNull();
        using WorkerLock turn = Take(TimeSpan.Zero, _ => Assert.Fail("nobody holds it"));
        WorkerLock.Holder(_folder.Path).Should().Be(Environment.ProcessId);
    }

    [Fact]
    public void A_link_in_the_place_of_the_file_is_not_followed()
    {
        File.CreateSymbolicLink(_folder["worker.lock"], _folder.Write("precious", "precious"));
        Action taking = () => Take(TimeSpan.Zero);

        taking.Should().Throw<IOException>();
        File.ReadAllText(_folder["precious"]).Should().Be("precious");
    }

    [Fact]
    public void No_other_user_can_open_the_lock_and_so_keep_updates_waiting()
    {
        Take(TimeSpan.Zero).Dispose();

        RealProgram.Run("/usr/bin/stat", ["-c", "%a", _folder["worker.lock"]]).Output.Should().Be("600\n");
    }

    public void Dispose() => _folder.Dispose();

    private WorkerLock Take(TimeSpan timeout, Action<int?>? onWait = null) =>
        WorkerLock.Take(
            _folder.Path,
            holder =>
            {
                onWait?.Invoke(holder);
                return timeout;
            },
            CancellationToken.None
        );
}
