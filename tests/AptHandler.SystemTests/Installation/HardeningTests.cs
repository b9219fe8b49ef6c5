using System.Globalization;
using System.Text.RegularExpressions;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>What the library, the program and the units say of themselves to the loader and to systemd.</summary>
public sealed class HardeningTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_loaded_at_any_address_bound_at_once_and_searches_no_library_in_a_folder_of_its_own(bool isLibrary)
    {
        Check(isLibrary ? SourceTree.HandlerLibrary : SourceTree.DuApt).Succeeded("check the binary");
    }

    [Theory]
    [InlineData("-Wl,-z,lazy", "is not bound when it is loaded")]
    [InlineData("-Wl,-rpath,/srv", "names folders for libraries")]
    [InlineData("-no-pie", "cannot be loaded at any address")]
    [InlineData("-Wl,-z,norelro", "leaves writable what only the loader writes")]
    [InlineData("-Wl,-z,execstack", "has a stack that can be executed")]
    public void A_binary_that_lacks_one_of_these_does_not_pass(string option, string problem)
    {
        using var folder = new TemporaryFolder("hardening");
        var binary = Path.Combine(folder, "binary");
        string[] words = ["-fPIE", "-pie", "-Wl,-z,now,-z,relro", option, "-x", "c", "-", "-o", binary];
        Command.Run("gcc", words, stdin: "int main(void) { return 0; }").Succeeded("compile");

        var outcome = Check(binary);
        outcome.ExitStatus.Should().Be(1);
        outcome.Errors.Should().StartWith($"binary {problem}");
    }

    // 9.6 without a sandbox, of 10.
    [Fact]
    public void The_unit_that_registers_is_confined_by_systemd()
    {
        var unit = Path.Combine(SourceTree.Root, "scripts/package/du-apt-handler.service");
        var answer = Command.Run("systemd-analyze", ["security", "--offline=true", "--no-pager", unit]).Succeeded("systemd-analyze").Output;
        var exposure = Regex.Match(answer, @"(?<=Overall exposure level for \S+: )[0-9.]+", RegexOptions.None, TimeSpan.FromSeconds(1));
        double.Parse(exposure.Value, CultureInfo.InvariantCulture).Should().BeLessThan(3);
    }

    // What every build checks.
    private static Outcome Check(string binary) =>
        Command.Run("bash", ["-euo", "pipefail", "-c", $". {SourceTree.Script("publish.sh")}; check_hardening {binary}"]);
}
