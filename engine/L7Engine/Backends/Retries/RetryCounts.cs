namespace L7Engine.Backends.Retries;

/// <summary>What one loop sent again after one backend had failed, by cause. One thread writes; any may read.
/// </summary>
internal sealed class RetryCounts
{
    private readonly long[] _counts = new long[(int)RetryCause.Refused + 1];

    public long this[RetryCause cause] => Volatile.Read(ref _counts[(int)cause]);

    public void Add(RetryCause cause)
    {
        ref long count = ref _counts[(int)cause];
        Volatile.Write(ref count, count + 1);
    }
}
