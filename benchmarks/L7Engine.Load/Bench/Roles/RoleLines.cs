using System.Text;

namespace L7Engine.Load.Bench.Roles;

/// <summary>How a process of a run is spoken to: a line is asked, a line is answered. It ends with its input, and so
/// with the process that started it, however that ends.</summary>
internal static class RoleLines
{
    /// <param name="ready">The first line that is said.</param>
    /// <param name="answer">What is answered; a line that comes meanwhile has to wait, the end does not.</param>
    public static async Task ServeAsync(
        Stream input, TextWriter output, string ready, Func<string, Task<string>> answer)
    {
        using var reader = new StreamReader(input, new UTF8Encoding(false));
        Say(output, ready);
        Task<string?> next = reader.ReadLineAsync();
        while (await next is { } line)
        {
            next = reader.ReadLineAsync();
            Task<string> answering = answer(line);
            if (await Task.WhenAny((Task)answering, next) == next && await next is null)
            {
                return;
            }

            Say(output, await answering);
        }
    }

    private static void Say(TextWriter output, string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}
