using System.Globalization;

namespace Teahouse.Cli;

/// <summary>Says on standard error how far a long work has come: a bar for who looks at a terminal, now and then a line for a log. Not thread-safe.</summary>
internal sealed class Progress
{
    private const int Width = 30;

    private static readonly TimeSpan BetweenFrames = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly TextWriter _to;
    private readonly string _unit;
    private readonly string _label;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly bool _isBar;
    private readonly bool _isSilent;
    private long _saidAt;
    private long _done;
    private long _total;

    /// <param name="to">Standard error.</param>
    /// <param name="unit">What is counted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="label">Which part of the work this is; empty when it is the only one.</param>
    /// <param name="isData">Standard output is what the data are written to.</param>
    public Progress(TextWriter to, string unit, TimeProvider time, string label = "", bool isData = false)
    {
        _to = to;
        _unit = unit;
        _label = label.Length == 0 ? "" : label + ": ";
        _time = time;
        _began = _saidAt = time.GetTimestamp();
        _isBar = Terminal.IsErrorShown;
        // The data themselves run over the screen.
        _isSilent = isData && Terminal.IsOutputShown;
    }

    /// <summary>Speaks when it has been silent for long enough.</summary>
    public void Report(long done, long total)
    {
        (_done, _total) = (done, total);
        if (!_isSilent && _time.GetElapsedTime(_saidAt) > (_isBar ? BetweenFrames : BetweenLines))
        {
            _saidAt = _time.GetTimestamp();
            Say();
        }
    }

    /// <summary>The last word.</summary>
    public void Finish()
    {
        if (_isSilent)
        {
            return;
        }
        if (_isBar)
        {
            Say();
            _to.WriteLine();
        }
        _to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_label}{_done:N0} {_unit} in {_time.GetElapsedTime(_began).TotalSeconds:0.0} s."));
    }

    private void Say()
    {
        var share = _total == 0 ? 1 : (double)_done / _total;
        var counts = string.Create(CultureInfo.InvariantCulture, $"{_label}{_done:N0} of {_total:N0} {_unit} ({share:P0})");
        if (_isBar)
        {
            var full = (int)(share * Width);
            // Back to the line's beginning; the same numbers only get longer, so nothing of the last frame stays.
            _to.Write($"\r[{new string('#', full)}{new string('.', Width - full)}] {counts}");
            return;
        }
        _to.WriteLine(counts);
    }
}
