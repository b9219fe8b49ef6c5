namespace AptHandler.Authoring.Repositories;

/// <summary>Something in a store that is not as it should be.</summary>
/// <param name="Place">The snapshot or the channel: <c>snapshots/ID</c>.</param>
/// <param name="Problem">What is wrong there.</param>
public sealed record StoreFinding(string Place, string Problem);
