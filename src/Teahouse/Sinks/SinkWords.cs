using System.Globalization;
using Microsoft.Extensions.Localization;

namespace Teahouse.Sinks;

/// <summary>Says in the reader's language how a sink fares. Thread-safe.</summary>
public sealed class SinkWords(IStringLocalizer<SinksText> texts, TimeProvider clock)
{
    private const string Mark = "\uFFFC";

    /// <summary>Why it waits or is paused, or what went wrong; what came from elsewhere keeps its own direction.</summary>
    public string Say(string reason)
    {
        var parsed = SinkReason.Parse(reason);
        var text = texts["Reason." + parsed.Code, Isolate(parsed.Detail)];
        return text.ResourceNotFound ? texts["Reason.other", Isolate(reason)] : text.Value.Trim();
    }

    /// <summary>The same in three pieces, for a page: what the other side said stands apart from our words.</summary>
    public (string Before, string Detail, string After) Divide(string reason)
    {
        var parsed = SinkReason.Parse(reason);
        var text = texts["Reason." + parsed.Code, Mark];
        var (words, detail) = text.ResourceNotFound ? (texts["Reason.other", Mark].Value, reason) : (text.Value, parsed.Detail);
        var at = words.IndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? (words, "", "") : (words[..at], detail, words[(at + Mark.Length)..]);
    }

    public string Say(SinkReason reason) => Say(reason.ToString());

    /// <summary>How far behind it is, in messages and time.</summary>
    public string Lag(SinkView view)
    {
        if (view.LagMessages == 0)
        {
            return texts["Lag.None"];
        }
        var number = view.LagMessages.ToString("N0", CultureInfo.CurrentCulture);
        if (view.LagMessages == 1)
        {
            return texts["Lag.One", Span(clock.GetUtcNow() - (view.LagSince ?? clock.GetUtcNow()))];
        }
        return texts[view.LagMessages >= SinkQueries.MaxLag ? "Lag.Many" : "Lag.Messages", number, Span(clock.GetUtcNow() - (view.LagSince ?? clock.GetUtcNow()))];
    }

    /// <summary>Whose messages.</summary>
    public (string Before, string Name, string After) Scope(SinkView view)
    {
        var words = view.Room is not null ? texts["Scope.Room", Mark] : view.Project is not null ? texts["Scope.Project", Mark] : texts["Scope.All"];
        var pieces = words.Value.Split(Mark, 2);
        return (pieces[0], view.Room ?? view.Project ?? "", pieces.Length > 1 ? pieces[1] : "");
    }

    private string Span(TimeSpan time) =>
        time < TimeSpan.FromMinutes(2) ? texts["Seconds", (long)Math.Max(0, time.TotalSeconds)]
        : time < TimeSpan.FromHours(2) ? texts["Minutes", (long)time.TotalMinutes]
        : time < TimeSpan.FromDays(2) ? texts["Hours", (long)time.TotalHours]
        : texts["Days", ((long)time.TotalDays).ToString("N0", CultureInfo.CurrentCulture)];

    private static string Isolate(string text) => text.Length == 0 ? "" : $"\u2068{text}\u2069";
}
