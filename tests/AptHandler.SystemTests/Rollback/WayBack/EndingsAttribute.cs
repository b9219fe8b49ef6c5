using System.Reflection;
using Xunit.Sdk;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>Runs a row for several endings; without any, for those three after which dpkg is at different places.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EndingsAttribute(params Ending[] endings) : DataAttribute
{
    private static readonly Ending[] Usual = [Ending.PreinstFails, Ending.PostinstFails, Ending.Restored];

    public Ending[] Endings { get; } = endings is [] ? Usual : endings;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Endings.Select(ending => new object[] { ending });
}

/// <summary>Runs a row for every ending.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EveryEndingAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Enum.GetValues<Ending>().Select(ending => new object[] { ending });
}
