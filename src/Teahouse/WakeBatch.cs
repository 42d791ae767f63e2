namespace Teahouse;

/// <summary>Somebody who sleeps while there is nothing to do.</summary>
internal interface ISleeper
{
    void WakeUp();
}

/// <summary>Lets a thread that hands on many things wake those they are for once, at the end: a woken thread often takes the processor from the one who woke it, does
/// the one thing there is, and sleeps again.</summary>
internal static class WakeBatch
{
    // Kept from one time to the next: the event loop holds in every turn.
    [ThreadStatic]
    private static List<ISleeper>? t_held;

    [ThreadStatic]
    private static bool t_holds;

    /// <summary>Until it is disposed of, on the same thread, nobody is woken by this thread.</summary>
    public static Holding Hold()
    {
        var outermost = !t_holds;
        t_holds = true;
        return new Holding(outermost);
    }

    /// <summary>Wakes <paramref name="sleeper"/>, now or when this thread holds wake-ups no longer.</summary>
    public static void Wake(ISleeper sleeper)
    {
        if (!t_holds)
        {
            sleeper.WakeUp();
            return;
        }
        t_held ??= [];
        if (!t_held.Contains(sleeper))
        {
            t_held.Add(sleeper);
        }
    }

    internal readonly ref struct Holding(bool outermost)
    {
        public void Dispose()
        {
            if (!outermost)
            {
                return;
            }
            t_holds = false;
            if (t_held is not { Count: > 0 } held)
            {
                return;
            }
            foreach (var sleeper in held)
            {
                sleeper.WakeUp();
            }
            held.Clear();
        }
    }
}
