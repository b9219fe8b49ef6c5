namespace AptHandler.Authoring;

/// <summary>What the author has given cannot be used; the message names it and says what to do.</summary>
public sealed class InputException(string message) : Exception(message);
