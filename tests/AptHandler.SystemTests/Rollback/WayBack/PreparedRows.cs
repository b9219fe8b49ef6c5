using System.Collections.Concurrent;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>The devices of a class's rows as they are before the update: each is made once, and every ending has a copy.</summary>
public sealed class PreparedRows : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<PreparedRow>> _rows = new(StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (var row in _rows.Values.Where(row => row.IsValueCreated))
            row.Value.Dispose();
    }

    internal PreparedRow Of(string name, Row row) => _rows.GetOrAdd(name, _ => new Lazy<PreparedRow>(() => new PreparedRow(row))).Value;
}

/// <summary>The repository and the device of a row.</summary>
internal sealed class PreparedRow : IDisposable
{
    /// <summary>Its preinst fails.</summary>
    public const string FailsEarly = "fails-early";

    /// <summary>Its postinst fails.</summary>
    public const string FailsLate = "fails-late";

    /// <summary>Its postinst waits for the test.</summary>
    public const string Waits = "waits";

    private readonly Repository _repository = new();

    public PreparedRow(Row row)
    {
        // What it depends on comes before it.
        string[] coming = [.. row.Update.Where(word => !word.EndsWith('-') && !word.Contains(':', StringComparison.Ordinal)).Select(word => word.Split('=')[0])];
        Part dependency = Parts.Field($"Depends: {string.Join(", ", coming.Prepend(Bystander.Name))}");
        Package[] ends =
        [
            new(FailsEarly) { dependency, Parts.Preinst("exit 7") }, new(FailsLate) { dependency, Parts.Postinst("exit 7") },
            new(Waits) { dependency, Parts.Postinst(Updates.Wait.ForTheTest) },
        ];
        var old = row.Old.Select(package => package.Identity).ToHashSet();
        Package[] later = [.. row.New.Where(package => old.Contains(package.Identity))];
        Publish([Bystander, .. row.Old, .. row.New.Except(later), .. ends]);
        Root = PrivateRoot.Create(_repository);
        // Every Debian has it.
        Directory.CreateDirectory(Root.At("etc/alternatives"));
        DeviceShell.Run(Root, row.First);
        Root.AptGet("-q", "update");
        Root.AptGet(["-q", "-y", "install", Bystander.Word, .. row.Old.Select(package => package.Word)]);
        DeviceShell.Run(Root, row.Prepared);
        if (later.Length == 0)
            return;
        Publish(later);
        Root.AptGet("-q", "update");
    }

    public PrivateRoot Root { get; }

    // No part of any update: it stays as it is.
    private static Package Bystander => new("bystander") { Parts.File("/usr/share/bystander/file", "here"), Parts.Conffile("/etc/bystander.conf", "here") };

    public void Dispose()
    {
        Root.Dispose();
        _repository.Dispose();
    }

    private void Publish(IEnumerable<Package> packages)
    {
        foreach (var package in packages)
            _repository.Add(package.Words);
        _repository.Index();
    }
}
