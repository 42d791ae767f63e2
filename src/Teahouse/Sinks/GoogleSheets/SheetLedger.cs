using System.Runtime.InteropServices;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>A row of a tab, and the message that stands in it.</summary>
internal readonly record struct Placed(long Row, long Id);

/// <summary>Something was written over our rows, from the first message that is lost or doubled on.</summary>
/// <param name="Ids">What must stand there, in order.</param>
/// <param name="Rows">The rows there that hold messages of ours now: what is put right goes there first. A person's rows between them stay.</param>
internal sealed record Damage(IReadOnlyList<long> Ids, IReadOnlyList<long> Rows);

/// <summary>Which message was put into which row lately. A call writes to rows that were counted a moment before; a person who inserts rows above in that moment moves what was there, and the call then
/// covers the last messages before it. A look at the ids afterwards shows that, and tells it from a person who deletes rows, which must stay deleted. Not thread-safe.</summary>
internal sealed class SheetLedger
{
    /// <summary>Rows that are remembered when everything is found in order.</summary>
    private const int Kept = 200;

    private readonly List<Placed> _placed = [];

    // The first and last message of each call since the last look.
    private readonly List<(long First, long Last)> _unseen = [];

    public int Count => _placed.Count;

    public long FirstRow => _placed.Count == 0 ? 0 : _placed[0].Row;

    public IReadOnlyList<Placed> Placed => _placed;

    /// <summary>Begins anew from what stands in the sheet.</summary>
    public void Begin(IEnumerable<Placed> found)
    {
        _placed.Clear();
        _unseen.Clear();
        long last = 0;
        foreach (var each in found)
        {
            // What a person has copied or sorted is theirs.
            if (each.Id > last)
            {
                _placed.Add(each);
                last = each.Id;
            }
        }
    }

    /// <summary>Notes rows that were written.</summary>
    public void Add(long row, IReadOnlyList<long> ids)
    {
        // A repeat replaces what it repeats.
        var first = _placed.FindIndex(each => each.Id >= ids[0]);
        if (first >= 0)
        {
            _placed.RemoveRange(first, _placed.Count - first);
            _unseen.RemoveAll(call => call.Last >= ids[0]);
        }
        _unseen.Add((ids[0], ids[^1]));
        for (var i = 0; i < ids.Count; i++)
        {
            _placed.Add(new Placed(row + i, ids[i]));
        }
    }

    /// <summary>Compares with what was found in the tab, from <see cref="FirstRow"/> or higher on to its end. Returns what is damaged; null when nothing is, and then takes the rows as they are now.</summary>
    /// <param name="found">Every row that holds a number, in order.</param>
    /// <param name="isSuspect">A call that was given up may have arrived late: then what is doubled was doubled by it and not by a person.</param>
    public Damage? Compare(IReadOnlyList<Placed> found, bool isSuspect)
    {
        var places = new Dictionary<long, int>(_placed.Count);
        for (var i = 0; i < _placed.Count; i++)
        {
            places[_placed[i].Id] = i;
        }
        var ours = found.Where(each => places.ContainsKey(each.Id)).ToList();
        if (FindLostCall(ours, places) is { } lost)
        {
            return LostFrom(lost, ours, places);
        }
        if (FindDamage(ours, places, isSuspect) is { } first)
        {
            var before = first == 0 ? 0 : ours.Where(each => places[each.Id] < first).Select(each => each.Row).DefaultIfEmpty(0).Max();
            // A late call may have put what comes later above what comes before: the rows from the first of them on.
            var begin = ours.Where(each => places[each.Id] >= first).Select(each => each.Row).DefaultIfEmpty(before + 1).Min();
            var from = Math.Min(begin, before + 1);
            return new Damage([.. CollectionsMarshal.AsSpan(_placed)[first..].ToArray().Select(each => each.Id)],
                [.. ours.Where(each => each.Row >= from && places[each.Id] >= first).Select(each => each.Row)]);
        }
        var keep = isSuspect ? ours : ours.Skip(Math.Max(0, ours.Count - Kept));
        Begin([.. keep]);
        return null;
    }

    /// <summary>The place of the first message of a call of which nothing arrived, though what was there before it stands: Google has said that it is done, and has not done it. Whoever clears a sheet takes
    /// more than that.</summary>
    private int? FindLostCall(List<Placed> ours, Dictionary<long, int> places)
    {
        foreach (var (first, last) in _unseen)
        {
            var place = places[first];
            if (!ours.Exists(each => each.Id >= first && each.Id <= last) && (place == 0 || ours.Exists(each => each.Id == _placed[place - 1].Id)))
            {
                return place;
            }
        }
        return null;
    }

    /// <summary>What was lost goes to the rows it was meant for when what was written behind it stands where it was put, and else to the rows of that.</summary>
    private Damage LostFrom(int first, List<Placed> ours, Dictionary<long, int> places)
    {
        var behind = ours.Where(each => places[each.Id] >= first).ToList();
        var isInPlace = behind.TrueForAll(each => each.Row == _placed[places[each.Id]].Row);
        var rows = behind.Count == 0 ? [] : isInPlace ? _placed.Skip(first).Select(each => each.Row).Where(row => row <= behind[^1].Row).Distinct().Order() : behind.Select(each => each.Row);
        return new Damage([.. _placed.Skip(first).Select(each => each.Id)], [.. rows]);
    }

    private int? FindDamage(List<Placed> ours, Dictionary<long, int> places, bool isSuspect)
    {
        if (isSuspect)
        {
            var highest = -1;
            var firstMissing = int.MaxValue;
            foreach (var each in ours)
            {
                var place = places[each.Id];
                if (place <= highest)
                {
                    return Math.Min(place, firstMissing);
                }
                if (place > highest + 1)
                {
                    firstMissing = Math.Min(firstMissing, highest + 1);
                }
                highest = place;
            }
        }
        Placed? previous = null;
        foreach (var each in ours)
        {
            var place = places[each.Id];
            if (previous is { } before && places[before.Id] is var expected && place > expected + 1)
            {
                var missing = place - expected - 1;
                var shiftBefore = before.Row - _placed[expected].Row;
                var shift = each.Row - _placed[place].Row;
                // What stands before has moved down by as many rows as are missing, and what follows has not: it was written over them.
                if (shiftBefore > 0 && shift >= 0 && shiftBefore - shift == missing)
                {
                    return expected + 1;
                }
            }
            previous = each;
        }
        return null;
    }
}
