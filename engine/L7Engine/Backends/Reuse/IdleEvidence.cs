namespace L7Engine.Backends.Reuse;

/// <summary>What was seen of when one backend closes idle connections, and the deadline that follows from it.</summary>
/// <remarks>
/// <para>Not thread-safe: its owner holds a lock. All in milliseconds; time never runs back.</para>
/// <para>
/// Three closes at about the same idle age make a deadline, unless a connection was used with success at that age or
/// later within ten minutes. A success also unmakes the closes before it at ages up to its own; where more closes than
/// that contradict it later, the backend is believed to have changed its mind.
/// </para>
/// <para>
/// Closes are judged when all that belongs to them can have come: a backend that restarts ends many at once, of
/// different ages, and says nothing of its deadline by it.
/// </para>
/// </remarks>
internal sealed class IdleEvidence
{
    /// <summary>Closes that are remembered.</summary>
    public const int MaxCloses = 32;

    /// <summary>Closes that may wait to be judged; more say nothing more.</summary>
    public const int MaxWaiting = 256;

    /// <summary>Closes that make a deadline, and that overrule an earlier success.</summary>
    public const int LeastCloses = 3;
    public const int OverrulingCloses = 8;

    /// <summary>What ends sooner ends with the response, and not for being idle.</summary>
    public const long LeastAge = 100;

    /// <summary>How long a success, and what a backend announces, hold.</summary>
    public const int HoldMinutes = 10;

    /// <summary>Loops hand over what they saw each second.</summary>
    public const long JudgedAfter = 1_000 + SameMoment + 100;
    public const long SameMoment = 100;

    private const long Minute = 60_000;

    private readonly List<Waiting> _waiting = [];

    // In a ring; 0 for what a success has refuted.
    private readonly long[] _ages = new long[MaxCloses];
    private readonly long[] _oldestUsed = new long[HoldMinutes + 1];
    private int _nextAge;
    private long _minute;
    private long _announced;
    private long _announcedAt;
    private int _lastCount = -1;
    private int _countBefore = -1;
    private long _lastAge;
    private long _ageBefore;

    /// <summary>True while closes wait to be judged.</summary>
    public bool HasWaiting => _waiting.Exists(w => !w.IsJudged);

    /// <summary>When the backend closes idle connections, by what was seen alone; 0 while that is not known.</summary>
    public long Learned { get; private set; }

    /// <summary>The same, and from what it announces; 0 while nothing is known.</summary>
    public long Deadline { get; private set; }

    public void AddClose(in IdleClose close)
    {
        if (_waiting.Count >= MaxWaiting)
        {
            return;
        }

        int place = _waiting.Count;
        while (place > 0 && _waiting[place - 1].Close.AtMilliseconds > close.AtMilliseconds)
        {
            place--;
        }

        _waiting.Insert(place, new Waiting(close));
    }

    /// <summary>A connection that had been idle for so long was used, and answered.</summary>
    public void AddUse(long at, long age)
    {
        MoveTo(at);
        long minute = at / Minute;
        if (minute > _minute - _oldestUsed.Length)
        {
            ref long oldest = ref _oldestUsed[minute % _oldestUsed.Length];
            oldest = Math.Max(oldest, age);
        }

        for (int i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i].Close is var close && close.AtMilliseconds < at && close.IdleMilliseconds <= age)
            {
                _waiting[i] = _waiting[i] with { IsRefuted = true };
            }
        }

        foreach (ref long closed in _ages.AsSpan())
        {
            closed = closed > age ? closed : 0;
        }
    }

    /// <summary>The backend has said how long it keeps an idle connection.</summary>
    public void Announce(long at, long deadline) => (_announcedAt, _announced) = (at, deadline);

    public void Forget()
    {
        _waiting.Clear();
        _ages.AsSpan().Clear();
        _oldestUsed.AsSpan().Clear();
        (_announced, _lastCount, _countBefore) = (0, -1, -1);
        (Learned, Deadline) = (0, 0);
    }

    /// <summary>Judges what has waited for long enough, and draws the conclusion.</summary>
    public void Conclude(long now)
    {
        MoveTo(now);
        for (int i = 0; i < _waiting.Count; i++)
        {
            if (!_waiting[i].IsJudged && _waiting[i].Close.AtMilliseconds <= now - JudgedAfter)
            {
                Judge(i);
            }
        }

        _waiting.RemoveAll(w => w.IsJudged && w.Close.AtMilliseconds < now - (2 * JudgedAfter));
        Learned = SmallestDeadline();
        bool isAnnounced = _announced > 0 && now - _announcedAt <= HoldMinutes * Minute;
        Deadline = !isAnnounced ? Learned : Learned == 0 ? _announced : Math.Min(Learned, _announced);
    }

    private void Judge(int place)
    {
        Waiting waiting = _waiting[place];
        _waiting[place] = waiting with { IsJudged = true };
        if (IsOfRestart(place))
        {
            return;
        }

        IdleClose close = waiting.Close;
        bool isOfLimit = IsOfRequestLimit(close);
        (_countBefore, _lastCount) = (_lastCount, close.RequestCount);
        (_ageBefore, _lastAge) = (_lastAge, close.IdleMilliseconds);
        if (!isOfLimit && close.IdleMilliseconds >= LeastAge)
        {
            _ages[_nextAge] = waiting.IsRefuted ? 0 : close.IdleMilliseconds;
            _nextAge = (_nextAge + 1) % MaxCloses;
        }
    }

    // Three or more at the same moment, of ages more than 20 % apart.
    private bool IsOfRestart(int place)
    {
        long at = _waiting[place].Close.AtMilliseconds;
        (int count, long least, long most) = (0, long.MaxValue, 0);
        foreach (Waiting other in _waiting)
        {
            if (Math.Abs(other.Close.AtMilliseconds - at) <= SameMoment)
            {
                count++;
                least = Math.Min(least, other.Close.IdleMilliseconds);
                most = Math.Max(most, other.Close.IdleMilliseconds);
            }
        }

        return count >= 3 && most > least + (least / 5);
    }

    // Where every connection serves as many requests as the others anyway, it is the ages that tell: what a limit ends
    // when the next request comes ends at any age, or under a request.
    private bool IsOfRequestLimit(in IdleClose close)
    {
        long least = Math.Min(close.IdleMilliseconds, Math.Min(_lastAge, _ageBefore));
        long most = Math.Max(close.IdleMilliseconds, Math.Max(_lastAge, _ageBefore));
        return close.RequestCount == _lastCount && close.RequestCount == _countBefore
            && (close.WasTaken || most > IdleDeadlineRule.EndOfWindow(least));
    }

    private long SmallestDeadline()
    {
        long oldestUsed = _oldestUsed.Max();
        long smallest = 0;
        foreach (long age in _ages)
        {
            if (age > 0 && (smallest == 0 || age < smallest)
                && CountFrom(age) >= (age > oldestUsed ? LeastCloses : OverrulingCloses))
            {
                smallest = age;
            }
        }

        return smallest;
    }

    private int CountFrom(long age)
    {
        int count = 0;
        foreach (long other in _ages)
        {
            count += other >= age && other <= IdleDeadlineRule.EndOfWindow(age) ? 1 : 0;
        }

        return count;
    }

    private void MoveTo(long now)
    {
        long minute = now / Minute;
        long steps = Math.Min(minute - _minute, _oldestUsed.Length);
        for (long step = 0; step < steps; step++)
        {
            _oldestUsed[(minute - step) % _oldestUsed.Length] = 0;
        }

        _minute = Math.Max(_minute, minute);
    }

    private readonly record struct Waiting(IdleClose Close)
    {
        public bool IsJudged { get; init; }

        public bool IsRefuted { get; init; }
    }
}
