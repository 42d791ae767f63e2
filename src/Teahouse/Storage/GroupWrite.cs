using System.Data.Common;

namespace Teahouse.Storage;

/// <summary>One kind of write that comes so often that the database takes many of them as a few statements. One instance for the whole program; thread-safe.</summary>
public abstract class GroupWrite<TItem, TResult>
{
    /// <summary>Does one alone, under the rules of <see cref="Db.WriteAsync{T}(Func{DbSession, Task{T}}, CancellationToken)"/>.</summary>
    public abstract Task<TResult> ExecuteAsync(DbSession session, TItem item);

    /// <summary>True when what the item's caller does next is short and waits for nothing, so that it may run with that of others on one thread.</summary>
    public virtual bool ContinuesAtOnce(TItem item) => false;

    /// <summary>Called when an item is on disk, in the order of the commits: sees that <paramref name="caller"/>, who waits for it, is executed.</summary>
    public virtual void LetGoOn(IThreadPoolWorkItem caller) => caller.Execute();

    /// <summary>Called when an item that was done together with others is on disk, in the order of the commits. It must be quick and must not throw.</summary>
    public abstract void Committed(TItem item, TResult result);

    /// <summary>Items of the same key are committed in the order in which they came.</summary>
    public abstract string KeyOf(TItem item);

    /// <summary>False for one that must be done alone.</summary>
    public abstract bool CanJoin(TItem item);

    /// <summary>Where one thread writes (SQLite): does all of these there, each seeing what the ones before it did, and puts the result of each into its place. False when one of them cannot be
    /// done: then all is undone, and each is executed alone.</summary>
    /// <param name="session">The transaction, which may hold more. Nothing but it is to be awaited.</param>
    /// <param name="items">All of them can join.</param>
    /// <param name="results">As many.</param>
    /// <param name="isUndisturbed">Nothing was written since this was called last but what it wrote then, which was committed: what it knows of the database still holds.</param>
    internal abstract Task<bool> TryExecuteManyAsync(DbSession session, TItem[] items, TResult[] results, bool isUndisturbed);

    /// <summary>Where the database has arrays (PostgreSQL): the statements that do all of these at once, each seeing what the ones before it did. One item that cannot be done must not fail the others.</summary>
    public abstract IReadOnlyList<GroupStatement> Write(IReadOnlyList<TItem> items);

    /// <summary>What became of one item, from a row of the statement of <see cref="Write"/> that answers.</summary>
    public abstract GroupOutcome<TResult> Read(DbDataReader row, IReadOnlyList<TItem> items);
}

/// <summary>A statement over many items, on a database that has arrays. The one whose first column is called <c>item</c> says what became of them.</summary>
/// <param name="Sql">Constant text.</param>
/// <param name="Parameters">By their names without <c>@</c>; arrays, one element an item.</param>
public sealed record GroupStatement(string Sql, params IReadOnlyList<(string Name, object Value)> Parameters);

/// <summary>What became of one item of a group.</summary>
/// <param name="Index">Which, by its place in the list.</param>
/// <param name="Result">The result, or an exception for its caller.</param>
public readonly record struct GroupOutcome<TResult>(int Index, Outcome<TResult> Result);

/// <summary>A result, or why there is none.</summary>
public readonly record struct Outcome<T>(T? Value, Exception? Error)
{
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Exception error) => new(default, error);
}
