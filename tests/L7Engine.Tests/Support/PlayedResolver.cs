using System.Net;

namespace L7Engine.Tests.Support;

/// <summary>A resolver that a test plays: it answers at once, unless it is told to hold its answers back.</summary>
internal sealed class PlayedResolver
{
    private readonly Dictionary<string, Func<Task<IPAddress[]>>> _answers = [];
    private readonly List<string> _asked = [];
    private readonly Queue<Action> _held = new();

    /// <summary>Every question, in order.</summary>
    public IReadOnlyList<string> Asked => _asked;

    /// <summary>Questions whose answer is held back.</summary>
    public int HeldCount => _held.Count;

    /// <summary>Holds back answers to questions from here on.</summary>
    public bool IsSlow { get; set; }

    public void Set(string host, params string[] addresses) =>
        _answers[host] = () => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray());

    /// <summary>Does something else with a question: throws, fails, says nothing sensible.</summary>
    public void Set(string host, Func<Task<IPAddress[]>> answer) => _answers[host] = answer;

    public void Fail(string host, string why = "Name or service not known") =>
        Set(host, () => Task.FromException<IPAddress[]>(new InvalidOperationException(why)));

    /// <summary>Gives the answer to the oldest question that waits, as it is by now.</summary>
    public void Release() => _held.Dequeue()();

    public Task<IPAddress[]> ResolveAsync(string host)
    {
        _asked.Add(host);
        if (!IsSlow)
        {
            return _answers[host]();
        }

        var answer = new TaskCompletionSource<IPAddress[]>();
        _held.Enqueue(() => Complete(answer, _answers[host]()));
        return answer.Task;
    }

    private static void Complete(TaskCompletionSource<IPAddress[]> answer, Task<IPAddress[]> given)
    {
        if (given.Exception?.InnerException is { } failure)
        {
            answer.SetException(failure);
        }
        else
        {
            answer.SetResult(given.Result);
        }
    }
}
