using System.Xml.Linq;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace AptHandler.UnitTests.Architecture;

/// <summary>The code stands as the plan of the house says.</summary>
public sealed class HousePlanTests
{
    private const int LongestFile = 300;
    private const int LongestLine = 140;

    // Each with its reason.
    private static readonly string[] LongFiles =
    [
        // A table: one declaration for each extended result code.
        "handler/AptHandler.Core/Results/ExtendedResult.cs",
    ];

    private static readonly Dictionary<string, Assembly> Assemblies = HousePlan.All.ToDictionary(
        plan => plan.Assembly,
        plan => Assembly.Load(plan.Assembly),
        StringComparer.Ordinal
    );

    private static readonly ArchUnitNET.Domain.Architecture Product = new ArchLoader().LoadAssemblies([.. Assemblies.Values]).Build();

    public static TheoryData<string> Names => [.. HousePlan.All.Select(plan => plan.Assembly)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_type_is_in_a_room_of_the_plan_and_every_room_has_types(string assembly)
    {
        HousePlan plan = PlanOf(assembly);

        TypesOf(plan)
            .Select(type => type.Namespace.FullName)
            .Distinct(StringComparer.Ordinal)
            .Should()
            .BeEquivalentTo(plan.Rooms.Select(room => room.Length == 0 ? plan.Namespace : $"{plan.Namespace}.{room}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_room_uses_only_rooms_below_it(string assembly)
    {
        HousePlan plan = PlanOf(assembly);

        TypesOf(plan)
            .SelectMany(Arrows)
            .Where(arrow => FloorOf(arrow.To) > FloorOf(arrow.From))
            .Select(Told)
            .Distinct(StringComparer.Ordinal)
            .Should()
            .BeEmpty("all arrows point down");

        int FloorOf(IType type) => plan.FloorOf(type.Namespace?.FullName ?? "");
    }

    [Fact]
    public void Nothing_below_the_command_line_uses_the_console_or_the_Process_of_the_runtime() =>
        HousePlan
            .All.Where(plan => plan.Assembly != "du-apt")
            .SelectMany(TypesOf)
            .SelectMany(Arrows)
            .Where(arrow => arrow.To.FullName is "System.Console" or "System.Diagnostics.Process")
            .Select(Told)
            .Should()
            .BeEmpty("nothing there may print, or install signal handlers in the agent");

    [Fact]
    public void What_runs_in_the_agent_has_nothing_that_is_for_a_desk() =>
        Assemblies["libdu_apt_handler"]
            .GetReferencedAssemblies()
            .Select(reference => reference.Name)
            .Where(name => !name!.StartsWith("System", StringComparison.Ordinal))
            .Should()
            .BeSubsetOf(["AptHandler.Core", "Microsoft.Extensions.Logging.Abstractions"]);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_public_type_says_what_it_is_for(string assembly)
    {
        HashSet<string> told =
        [
            .. XDocument
                .Load(Path.ChangeExtension(Assemblies[assembly].Location, ".xml"))
                .Descendants("member")
                .Where(member => member.Element("summary") is { Value.Length: > 10 })
                .Select(member => member.Attribute("name")!.Value),
        ];

        Assemblies[assembly]
            .GetExportedTypes()
            .Select(type => $"T:{type.FullName!.Replace('+', '.')}")
            .Where(type => !told.Contains(type))
            .Should()
            .BeEmpty();
    }

    [Fact]
    public void A_file_of_the_product_is_no_longer_than_a_few_screens() =>
        SourceFiles()
            .Where(file => file.Lines.Length > LongestFile)
            .Select(file => file.Path)
            .Should()
            .BeEquivalentTo(LongFiles, $"a longer file than {LongestFile} lines has more than one idea; the exceptions have a reason");

    [Fact]
    public void A_line_of_the_product_is_no_longer_than_an_eye_can_follow() =>
        SourceFiles()
            .SelectMany(file => file.Lines.Index().Select(line => (Place: $"{file.Path}:{line.Index + 1}", line.Item)))
            .Where(line => line.Item.Length > LongestLine)
            .Select(line => line.Place)
            .Should()
            .BeEmpty();

    private static HousePlan PlanOf(string assembly) => HousePlan.All.Single(plan => plan.Assembly == assembly);

    private static IEnumerable<IType> TypesOf(HousePlan plan) =>
        Product.Types.Where(type =>
            type.Assembly.Name.Split(',')[0] == plan.Assembly && type.Namespace.FullName.StartsWith("AptHandler", StringComparison.Ordinal)
        );

    private static IEnumerable<(IType From, IType To)> Arrows(IType type) =>
        type.Dependencies.Select(dependency => (type, dependency.Target));

    private static string Told((IType From, IType To) arrow) => $"{arrow.From.FullName} uses {arrow.To.FullName}";

    private static IEnumerable<(string Path, string[] Lines)> SourceFiles() =>
        from top in new[] { "handler", "tools" }
        from file in Directory.EnumerateFiles(SourceTree.At(top), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(SourceTree.At(), file)
        where !path.Contains("/obj/", StringComparison.Ordinal)
        select (path, File.ReadAllLines(file));
}
