namespace Teahouse.Tests.Support;

/// <summary>What is promised within a time, on a machine that others use too. A try that was late is made again as a whole: where the machine stood still the next one is in time, where the promise is
/// broken none is.</summary>
internal static class Promptly
{
    private const int Tries = 3;

    /// <param name="take">One try from the beginning: asserts whatever is not about time itself, and returns what was late; null when nothing was.</param>
    public static async Task KeptAsync(Func<Task<string?>> take)
    {
        List<string> late = [];
        while (await take() is { } what)
        {
            late.Add(what);
            Assert.True(late.Count < Tries, $"Late at each of {Tries} tries: {string.Join("; ", late)}");
        }
    }

    /// <summary>Null when it took no longer than that, else what is to be said of it.</summary>
    public static string? Judge(string what, TimeSpan took, TimeSpan bound) => took <= bound ? null : $"{what} took {took} instead of {bound}";
}
