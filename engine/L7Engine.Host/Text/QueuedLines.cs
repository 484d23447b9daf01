using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace L7Engine.Host.Text;

/// <summary>Lines on their way to a terminal or a file that may be slow: who writes one never waits for it.</summary>
/// <remarks>
/// Thread-safe. A thread of its own writes them in order. What comes while too many wait is lost, and how many that
/// were is a line as soon as lines are taken again.
/// </remarks>
internal sealed class QueuedLines : TextWriter
{
    private const int DefaultCapacity = 8192;

    // What is not written by then, nobody is reading.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    private readonly BlockingCollection<string> _waiting;
    private readonly TextWriter _output;
    private readonly Thread _writer;
    private long _lost;
    private long _toldLost;

    public QueuedLines(TextWriter output, int capacity = DefaultCapacity)
    {
        _output = output;
        _waiting = new BlockingCollection<string>(capacity);
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "lines" };
        _writer.Start();
    }

    public override Encoding Encoding => _output.Encoding;

    public override void Write(char value) => throw new NotSupportedException("Whole lines only.");

    public override void WriteLine(string? value)
    {
        if (_waiting.IsAddingCompleted || !_waiting.TryAdd(value ?? ""))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Writes what waits, unless nobody takes it.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_waiting.IsAddingCompleted)
        {
            _waiting.CompleteAdding();
            _writer.Join(LongestEnd);
        }

        base.Dispose(disposing);
    }

    private void WriteAll()
    {
        foreach (string line in _waiting.GetConsumingEnumerable())
        {
            TryWrite(line);
            long lost = Interlocked.Read(ref _lost);
            if (lost > _toldLost)
            {
                string count = (lost - _toldLost).ToString(CultureInfo.InvariantCulture);
                TryWrite($"{count} lines lost: written too fast");
                _toldLost = lost;
            }
        }
    }

    private void TryWrite(string line)
    {
        try
        {
            _output.WriteLine(line);
        }
        catch (IOException)
        {
            // The reader is gone. The requests are worth more than the lines.
        }
    }
}
