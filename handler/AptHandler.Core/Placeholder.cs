namespace AptHandler;
internal static class Placeholder;
