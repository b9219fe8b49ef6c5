using System.CommandLine;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Debian;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Compares versions by Debian's order, for scripts.</summary>
internal static class VersionCommand
{
    private static readonly string[] Relations = ["lt", "le", "eq", "ne", "ge", "gt"];

    public static Command Make()
    {
        var first = new Argument<string>("A") { Description = "A version." };
        var relation = new Argument<string>("RELATION") { Description = string.Join(", ", Relations) + "." };
        relation.AcceptOnlyFromAmong(Relations);
        var second = new Argument<string>("B") { Description = "Another version." };
        var compare = new Command("compare", "End with 0 when the relation holds, with 1 when it does not.") { first, relation, second };
        compare.SetAction(parsed =>
        {
            if (
                !TryRead(parsed.GetRequiredValue(first), out DebianVersion a)
                || !TryRead(parsed.GetRequiredValue(second), out DebianVersion b)
            )
                return (int)UpdateOutcome.InvalidInput;
            int order = a.CompareTo(b);
            bool holds = parsed.GetRequiredValue(relation) switch
            {
                "lt" => order < 0,
                "le" => order <= 0,
                "eq" => order == 0,
                "ne" => order != 0,
                "ge" => order >= 0,
                _ => order > 0,
            };
            if (parsed.GetValue(SharedOptions.Json))
                ResultOutput.PrintJson(writer => writer.WriteBoolean("holds", holds));
            return holds ? 0 : 1;
        });
        return new Command("version", "Work with Debian versions.") { compare };
    }

    private static bool TryRead(string text, out DebianVersion version)
    {
        if (DebianVersion.TryParse(text, out version, out string? problem))
            return true;
        Terminal.Error($"the version \"{text}\" {problem}");
        return false;
    }
}
