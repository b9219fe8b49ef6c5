namespace AptHandler.Authoring;

/// <summary>An input of the author cannot be used. The message names the input and says what to do.</summary>
public sealed class InputException(string message) : Exception(message);
