namespace Teahouse.Realtime;

/// <summary>Somebody who sleeps while there is nothing to do.</summary>
internal interface ISleeper
{
    void WakeUp();
}

/// <summary>Lets a thread that hands on many things wake those they are for once, at the end: a woken thread often takes the processor from the one who woke it, does
/// the one thing there is, and sleeps again.</summary>
internal static class WakeBatch
{
    [ThreadStatic]
    private static List<ISleeper>? t_held;

    /// <summary>Until it is disposed of, on the same thread, nobody is woken by this thread.</summary>
    public static Holding Hold()
    {
        var outermost = t_held is null;
        t_held ??= [];
        return new Holding(outermost);
    }

    /// <summary>Wakes <paramref name="sleeper"/>, now or when this thread holds wake-ups no longer.</summary>
    public static void Wake(ISleeper sleeper)
    {
        if (t_held is not { } held)
        {
            sleeper.WakeUp();
        }
        else if (!held.Contains(sleeper))
        {
            held.Add(sleeper);
        }
    }

    internal readonly ref struct Holding(bool outermost)
    {
        public void Dispose()
        {
            if (outermost && t_held is { } held)
            {
                t_held = null;
                foreach (var sleeper in held)
                {
                    sleeper.WakeUp();
                }
            }
        }
    }
}
