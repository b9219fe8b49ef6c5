using System.Reflection;
using Xunit.Sdk;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>Runs a row for several endings; without any, for one at which the update is undone, and for <c>du-apt restore</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EndingsAttribute(params Ending[] endings) : DataAttribute
{
    private static readonly Ending[] Usual = [Ending.PostinstFails, Ending.Restored];

    public Ending[] Endings { get; } = endings is [] ? Usual : endings;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Rows(Endings);

    internal static IEnumerable<object[]> Rows(IEnumerable<Ending> endings) => endings.Select(ending => new object[] { ending });
}

/// <summary>Runs a row for the usual endings, and for the one at which all is unpacked and nothing configured.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnpackedTooAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        EndingsAttribute.Rows([Ending.PreinstFails, Ending.PostinstFails, Ending.Restored]);
}

/// <summary>Runs a row for every ending.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EveryEndingAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => EndingsAttribute.Rows(Enum.GetValues<Ending>());
}
