namespace AptHandler.FaultTests.Faults;

/// <summary>Who dies.</summary>
public enum Victim
{
    /// <summary>dpkg alone: apt and the worker see it.</summary>
    Dpkg,

    /// <summary>apt-get, and dpkg with it where the place is one in dpkg: the worker sees it.</summary>
    Apt,

    /// <summary>du-apt alone: what it has started goes on.</summary>
    Worker,

    /// <summary>All processes of the machine at once.</summary>
    Everything,

    /// <summary>dpkg, apt-get and du-apt, while the maintainer script that dpkg waits for goes on.</summary>
    Ancestors,

    /// <summary>Nobody; a maintainer script fails once.</summary>
    Script,
}

/// <summary>Where it happens.</summary>
public enum Place
{
    /// <summary>Before a call of dpkg.</summary>
    Before,

    /// <summary>After a call of dpkg.</summary>
    After,

    /// <summary>In a call of dpkg, instead of one of its system calls.</summary>
    At,

    /// <summary>While a maintainer script runs.</summary>
    Script,

    /// <summary>Instead of a system call of the worker's own.</summary>
    Own,

    /// <summary>Before apt-get writes the marks of automatically installed packages.</summary>
    Marks,
}

/// <summary>One death, at one point. Everything is counted from 1.</summary>
/// <param name="Victim">Who dies.</param>
/// <param name="Place">Where.</param>
/// <param name="Number">Which script, or which of the system calls of that name.</param>
/// <param name="SystemCall">Its name, for <see cref="Place.At"/> and <see cref="Place.Own"/>.</param>
/// <param name="Call">Which call of dpkg, for <see cref="Place.Before"/>, <see cref="Place.After"/> and <see cref="Place.At"/>.</param>
public sealed record Fault(Victim Victim, Place Place, int Number = 0, string SystemCall = "", int Call = 0)
{
    /// <summary>The kind of fault, for tables.</summary>
    public string Kind => $"{Lower(Victim)} {Lower(Place)}";

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static Fault Parse(string text)
    {
        try
        {
            return text.Split(':') switch
            {
                [var victim, "at", var call, var name, var number] => new Fault(
                    Who(victim),
                    Place.At,
                    int.Parse(number),
                    name,
                    int.Parse(call)
                ),
                [var victim, "before", var call] => new Fault(Who(victim), Place.Before, Call: int.Parse(call)),
                [var victim, "after", var call] => new Fault(Who(victim), Place.After, Call: int.Parse(call)),
                [var victim, "script", var number] => new Fault(Who(victim), Place.Script, int.Parse(number)),
                [var victim, "own", var name, var number] => new Fault(Who(victim), Place.Own, int.Parse(number), name),
                [var victim, "marks"] => new Fault(Who(victim), Place.Marks),
                _ => throw new FormatException("it names no place"),
            };
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new FormatException($"cannot read the fault '{text}' ({e.Message}): expected one such as dpkg:at:3:rename:5", e);
        }

        static Victim Who(string name) => Enum.Parse<Victim>(name, ignoreCase: true);
    }

    /// <summary>
    /// Such as dpkg:at:3:rename:5 (the fifth rename of the third call of dpkg), apt:after:3, worker:own:fsync:4 or everything:script:2.
    /// </summary>
    public override string ToString() =>
        string.Join(
            ':',
            new[] { Lower(Victim), Lower(Place), Call == 0 ? "" : $"{Call}", SystemCall, Number == 0 ? "" : $"{Number}" }.Where(part =>
                part.Length > 0
            )
        );

    /// <summary>The variables that dpkg.sh and script.sh read.</summary>
    public string ToShell() => $"victim={Lower(Victim)} place={Lower(Place)} call={Call} system_call={SystemCall} number={Number}\n";

#pragma warning disable CA1308 // These are words of the command line, not keys to compare by.
    private static string Lower(Enum value) => value.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
