using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>The packages that the agent's deployments are about, built once for a class of tests.</summary>
public sealed class AgentPackages : IDisposable
{
    public AgentPackages() =>
        Repository
            .Package("hello", "1.0")
            .Package("hello", "2.0", depends: "world")
            .Package("world", "1:1.0-1")
            .Package("obsolete", "1.0")
            .Package("fan", "1.0", depends: "hello (= 1.0)")
            .Package("bad", "1.0", postinst: "echo \"out of cheese: 100% '%s%n' 20%3a\" >&2; exit 7")
            .Package("slow", "1.0", postinst: Gate)
            .Package("deviceupdate-agent", "1.1.0")
            .Package("deviceupdate-agent-extra", "1.0")
            .Index();

    public Repository Repository { get; } = new();

    /// <summary>
    /// The postinst of "slow" says that it has begun (tmp/started), and goes on when it may (tmp/go). Not for ever: a test may die.
    /// </summary>
    private static string Gate =>
        "touch \"$DPKG_ROOT/tmp/started\"; i=0; while [ ! -e \"$DPKG_ROOT/tmp/go\" ] && [ $i -lt 600 ]; do sleep 0.05; i=$((i+1)); done";

    public void Dispose() => Repository.Dispose();
}
