using System.Collections.Concurrent;
using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;
using Xunit.Abstractions;

namespace AptHandler.DeviceTests.VirtualMachine.PowerCuts;

/// <summary>
/// An update cannot be torn by a power cut. <c>scripts/soak-power.sh</c> runs many more cuts than the few that are tried here by default:
/// the variable DU_APT_POWER_CUTS says how many, DU_APT_POWER_SEED the seed of the first, which is at random otherwise, DU_APT_POWER_GUESTS
/// how many machines run at a time.
/// </summary>
[Trait("Needs", "virtual-machine")]
public sealed class PowerCutTests(ITestOutputHelper output)
{
    // Of one build of the product: a seed that was tried with it is not tried again.
    private static readonly string Results = Path.Combine(SourceTree.Root, "artifacts", "power-cuts", $"{Published.ProductVersion}.tsv");

    [Fact]
    public void Whenever_the_power_is_cut_the_device_comes_back_with_the_old_packages_or_with_the_new_ones()
    {
        var first = Number("DU_APT_POWER_SEED", Random.Shared.Next(1_000_000));
        var seeds = Enumerable.Range(first, Number("DU_APT_POWER_CUTS", 2)).Except(Tried()).ToList();
        output.WriteLine($"seeds from {first} on");
        if (seeds.Count == 0)
            return;

        using var reference = new ReferenceRun();
        var failures = new ConcurrentQueue<string>();
        Parallel.ForEach(
            Partitioner.Create(seeds, EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = Number("DU_APT_POWER_GUESTS", 1) },
            seed =>
            {
                var cut = new PowerCut(seed);
                var verdict = cut.Try(reference);
                lock (Results)
                    File.AppendAllText(
                        Results,
                        $"{seed}\t{cut.Fault}\t{cut.Moment:0.000}\t{verdict.Packages}\t{verdict.Problem.ReplaceLineEndings(" ")}\n"
                    );
                if (verdict.Problem.Length > 0)
                    failures.Enqueue($"seed {seed} ({cut.Fault} at {cut.Moment:0.000}): {verdict.Problem}");
            }
        );
        failures.Should().BeEmpty("there is only before and after; the evidence is beside {0}", Results);
    }

    private static int Number(string variable, int otherwise) => int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{otherwise}");

    private static IEnumerable<int> Tried() =>
        File.Exists(Results) ? File.ReadLines(Results).Select(line => int.Parse(line.Split('\t')[0])) : [];
}
