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
        var binary = isLibrary ? SourceTree.HandlerLibrary : SourceTree.DuApt;
        var dynamic = Command.Run("readelf", ["--dynamic", "--wide", binary]).Succeeded("readelf").Output;
        dynamic.Should().NotContain("RPATH").And.NotContain("RUNPATH").And.NotContain("TEXTREL");
        dynamic.Should().MatchRegex(@"BIND_NOW|Flags: NOW");
        Command.Run("readelf", ["--file-header", binary]).Output.Should().Contain("DYN (");
        var segments = Command.Run("readelf", ["--program-headers", "--wide", binary]).Output;
        segments.Should().Contain("GNU_RELRO").And.MatchRegex(@"GNU_STACK\s+(0x0+ ){2}0x0+ 0x0+ 0x0+ RW ");
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
}
