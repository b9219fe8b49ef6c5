using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Tests on one repository, published once, each with a device of its own.</summary>
/// <typeparam name="TPackages">What is in the repository.</typeparam>
public abstract class DeviceTests<TPackages> : IClassFixture<TPackages>, IDisposable
    where TPackages : PublishedPackages
{
    protected DeviceTests(TPackages packages)
    {
        Packages = packages;
        Device = new Device(packages.Repository, packages.Server);
    }

    protected Device Device { get; }

    protected TPackages Packages { get; }

    protected PrivateRoot Root => Device.Root;

    public virtual void Dispose()
    {
        Device.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A signed repository behind a web server, for all tests of a class.</summary>
public abstract class PublishedPackages : IDisposable
{
    protected PublishedPackages(Action<Repository> add)
    {
        add(Repository);
        Repository.Index();
        Server = new HttpServer(Repository);
    }

    public Repository Repository { get; } = new();

    public HttpServer Server { get; }

    public void Dispose()
    {
        Server.Dispose();
        Repository.Dispose();
        GC.SuppressFinalize(this);
    }
}
