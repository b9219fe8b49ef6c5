namespace AptHandler.DeviceTests.VirtualMachine;

/// <summary>What dpkg says on a machine.</summary>
internal static class Packages
{
    /// <summary>Asserts that packages are installed, in the order of names, and that dpkg has nothing left to do.</summary>
    /// <param name="wanted">"name version"</param>
    public static void Check(Machine machine, params IReadOnlyList<string> wanted)
    {
        var names = string.Join(' ', wanted.Select(package => package.Split(' ')[0]));
        machine
            .Run($"dpkg-query --show --showformat='${{Package}} ${{Version}} ${{Status}}\\n' {names}")
            .Should()
            .Be(string.Concat(wanted.Select(package => $"{package} install ok installed\n")));
        machine.Run("dpkg --audit; ls /var/lib/dpkg/updates").Should().BeEmpty();
    }
}
