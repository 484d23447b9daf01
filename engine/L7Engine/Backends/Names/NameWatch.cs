using System.Globalization;
using System.Net;
using L7Engine.Diagnostics;

namespace L7Engine.Backends.Names;

/// <summary>Resolves one name again and again, and remembers its last good addresses.</summary>
/// <remarks>
/// Thread-safe. One resolution at most is under way: one that is past its timeout counts as failed, but nothing can
/// call it back, so the next one waits for it, and what it brings late is taken.
/// </remarks>
internal sealed class NameWatch : IDisposable
{
    private static readonly TimeSpan LeastGap = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly NameKey _key;
    private readonly NameSource _source;
    private readonly TaskCompletionSource _first = new();
    private readonly ITimer _timer;
    private NameOptions _options;
    private IPAddress[] _addresses = [];
    private string? _failure;
    private int _fruitless;
    private long _begunCount;
    private long _endedTimestamp;
    private bool _isUnderWay;
    private bool _isLate;
    private bool _isDisposed;
    private int _isAsked;

    public NameWatch(NameKey key, NameOptions options, NameSource source)
    {
        (_key, _options, _source) = (key, options, source);
        _timer = source.Time.CreateTimer(
            watch => ((NameWatch)watch!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Done once it has been resolved, or that has failed or took too long: never later than the timeout.
    /// </summary>
    public Task FirstOutcome => _first.Task;

    public IPAddress[] Addresses
    {
        get
        {
            lock (_lock)
            {
                return _addresses;
            }
        }
    }

    public NameStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new NameStatus
                {
                    Group = _key.Group,
                    Name = _key.Host,
                    Addresses = _addresses,
                    Failure = _failure,
                    Resolutions = _begunCount,
                };
            }
        }
    }

    /// <summary>Begins the first resolution; until then nothing happens.</summary>
    public void Start() => Begin();

    /// <summary>Takes other settings; the next resolution keeps them.</summary>
    public void Apply(NameOptions options)
    {
        lock (_lock)
        {
            bool isOther = options.Interval != _options.Interval;
            _options = options;
            if (isOther && !_isUnderWay && !_isDisposed)
            {
                SetTimerLocked(Pause());
            }
        }
    }

    /// <summary>Asks for a resolution sooner than the interval says: a second after the last one, and if those before
    /// brought nothing, after 2 s, 4 s and so on.</summary>
    /// <remarks>Cheap: a crowd that asks for the same costs one interlocked operation each.</remarks>
    public void AskEarly()
    {
        if (Interlocked.Exchange(ref _isAsked, 1) == 1)
        {
            return;
        }

        lock (_lock)
        {
            HurryLocked();
        }
    }

    /// <summary>Asks for a resolution a second after the last one, whatever that has brought.</summary>
    public void AskAnew()
    {
        lock (_lock)
        {
            _fruitless = 0;
            Volatile.Write(ref _isAsked, 1);
            HurryLocked();
        }
    }

    /// <summary>An address serves again: what is asked for from here on has another cause.</summary>
    public void NoteServes()
    {
        lock (_lock)
        {
            _fruitless = 0;
            Volatile.Write(ref _isAsked, 0);
        }
    }

    /// <summary>Resolves no more. What is under way ends unheard.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer.Dispose();
        }

        _first.TrySetResult();
    }

    private void OnDue()
    {
        bool isLate;
        lock (_lock)
        {
            isLate = _isUnderWay;
        }

        if (isLate)
        {
            string failure = string.Create(
                CultureInfo.InvariantCulture, $"no answer within {_options.Timeout.TotalSeconds} s");
            Enter(null, failure, isEnd: false);
        }
        else
        {
            Begin();
        }
    }

    private void Begin()
    {
        lock (_lock)
        {
            if (_isDisposed || _isUnderWay)
            {
                return;
            }

            (_isUnderWay, _isLate) = (true, false);
            _begunCount++;
            SetTimerLocked(_options.Timeout);
        }

        _ = ResolveAsync();
    }

    private async Task ResolveAsync()
    {
        IPAddress[]? found = null;
        string? failure = null;
        try
        {
            // Begun on a loop, perhaps: it must not go on there, for the loop may have ended by then.
            found = AddressOrder.Sort(await _source.Resolve(_key.Host).ConfigureAwait(false));
            failure = found.Length == 0 ? "it has no address" : null;
        }
        catch (Exception refused)
        {
            failure = refused.Message;
        }

        Enter(failure is null ? found : null, failure, isEnd: true);
    }

    /// <param name="isEnd">The resolution has ended; else it is late, and goes on.</param>
    private void Enter(IPAddress[]? found, string? failure, bool isEnd)
    {
        bool hasChanged, isNews, isCounted;
        int count;
        lock (_lock)
        {
            if (_isDisposed || !_isUnderWay)
            {
                return;
            }

            isCounted = !_isLate;
            (_isUnderWay, _isLate) = (!isEnd, !isEnd);
            hasChanged = found is not null && !found.AsSpan().SequenceEqual(_addresses);
            isNews = hasChanged || (failure is null) != (_failure is null);
            _addresses = found ?? _addresses;
            count = _addresses.Length;
            _failure = failure;
            if (isEnd)
            {
                bool wasAsked = Interlocked.Exchange(ref _isAsked, 0) == 1;
                _fruitless = hasChanged || (failure is null && !wasAsked) ? 0 : _fruitless + 1;
                _endedTimestamp = _source.Time.GetTimestamp();
                SetTimerLocked(Pause());
            }
        }

        if (isCounted)
        {
            _source.Totals.Add(failure is null ? HealthCounter.NamesResolved : HealthCounter.NamesNotResolved);
        }

        if (isNews)
        {
            Tell(failure, count);
        }

        _first.TrySetResult();
        if (hasChanged)
        {
            _source.Changed();
        }
    }

    private void Tell(string? failure, int count)
    {
        if (failure is null)
        {
            EngineLog.NameResolved(_source.Logger, _key.Host, _key.Group, count);
        }
        else
        {
            EngineLog.NameNotResolved(_source.Logger, _key.Host, _key.Group, failure, count);
        }
    }

    private TimeSpan Pause() => _failure is null ? _options.Interval : BackOff();

    // 1 s, then 2 s, 4 s, and no longer than the interval.
    private TimeSpan BackOff()
    {
        TimeSpan backOff = LeastGap * (1L << Math.Clamp(_fruitless - 1, 0, 20));
        return backOff < _options.Interval ? backOff : _options.Interval;
    }

    private void HurryLocked()
    {
        if (!_isUnderWay && !_isDisposed)
        {
            TimeSpan wait = BackOff() - _source.Time.GetElapsedTime(_endedTimestamp);
            SetTimerLocked(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        }
    }

    private void SetTimerLocked(TimeSpan due) => _timer.Change(due, Timeout.InfiniteTimeSpan);
}
