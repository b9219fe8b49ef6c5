using System.Text;
using AptHandler.Fuzzing.Engine;

namespace AptHandler.UnitTests.Fuzzing;

/// <summary>That the engine finds faults: these are planted.</summary>
public sealed class EngineTests
{
    private const int Seed = 7;
    private const int Few = 500;
    private const int Enough = 3000;

    private static readonly FuzzTarget Faulty = new(
        "faulty",
        input =>
        {
            string text = Encoding.UTF8.GetString(input);
            int at = text.IndexOf("size=", StringComparison.Ordinal);
            string digits = at < 0 ? "" : string.Concat(text[(at + 5)..].TakeWhile(char.IsAsciiDigit));
            if (digits.Length > 0)
                _ = int.Parse(digits);
        }
    )
    {
        Words = ["size="],
    };

    [Fact]
    public void A_fault_is_found_made_small_and_found_again_with_the_same_seed()
    {
        FuzzReport report = Run(Faulty, "a harmless text\nsize=12\nand more of it", Enough);

        Finding finding = report.Findings.Should().ContainSingle().Subject;
        finding.Description.Should().StartWith("System.OverflowException");
        Encoding.UTF8.GetString(finding.Input).Should().MatchRegex("^size=[0-9]{10}$");
        Finding.Try(Faulty, finding.Input).Should().BeOfType<OverflowException>();
        FuzzReport again = Run(Faulty, "a harmless text\nsize=12\nand more of it", finding.Execution);
        again.Findings.Should().ContainSingle().Which.Execution.Should().Be(finding.Execution);
    }

    [Fact]
    public void A_rule_that_does_not_hold_is_found()
    {
        var target = new FuzzTarget("rule", input => Expect.That(!input.Contains((byte)0xff), "no byte is 0xff"));

        Run(target, "text", Few)
            .Findings.Should()
            .ContainSingle()
            .Which.Should()
            .BeEquivalentTo(new { Signature = "no byte is 0xff", Input = new byte[] { 0xff } });
    }

    [Fact]
    public void Memory_out_of_proportion_is_found()
    {
        var target = new FuzzTarget("memory", input => GC.KeepAlive(new byte[input.Contains((byte)'!') ? 32 << 20 : 1]));

        Run(target, "text", Few).Findings.Should().ContainSingle().Which.Input.Should().Equal((byte)'!');
    }

    [Fact]
    public void An_input_that_takes_too_long_is_told_while_it_does()
    {
        using var told = new ManualResetEventSlim();
        byte[]? slow = null;
        using var watchdog = new Watchdog(
            TimeSpan.FromMilliseconds(50),
            (_, input) =>
            {
                slow = input;
                told.Set();
            }
        );
        var target = new FuzzTarget("hang", input => told.Wait(input.Contains((byte)'!') ? TimeSpan.FromSeconds(10) : TimeSpan.Zero));

        _ = new TargetRun(target, ["quick"u8.ToArray(), "slow!"u8.ToArray()], Seed, watchdog).Run(new FuzzLimit(null, 2));

        slow.Should().Equal([.. "slow!"u8]);
    }

    private static FuzzReport Run(FuzzTarget target, string seed, long executions)
    {
        using var watchdog = new Watchdog(TimeSpan.FromMinutes(1), (_, _) => { });
        return new TargetRun(target, [Encoding.UTF8.GetBytes(seed)], Seed, watchdog).Run(new FuzzLimit(null, executions));
    }
}
