using System.Text;
using System.Text.Json;

namespace L7Engine.Host.Configuration;

/// <summary>Reads JSON, with comments and trailing commas, into a tree that knows where everything stands.</summary>
internal sealed class ConfigReader(ConfigSource source, ConfigProblems problems)
{
    /// <returns>The tree; null when the file is no JSON, which is then the only problem.</returns>
    public ConfigNode? Read()
    {
        if (source.Bytes.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            problems.Add(0, "", "is empty; it must be an object: { }");
            return null;
        }

        var options = new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
        var json = new Utf8JsonReader(source.Bytes.Span, options);
        try
        {
            json.Read();
            ConfigNode root = ReadValue(ref json, "");
            json.Read();
            return root;
        }
        catch (JsonException e)
        {
            problems.Add(OffsetOf(e), "", $"no valid JSON: {MessageOf(e)}");
        }
        catch (InvalidOperationException)
        {
            // Thrown for text that is not UTF-8 and for escapes of half a character.
            problems.Add((int)json.TokenStartIndex, "", "no valid JSON: text that is not UTF-8, or half an escape");
        }

        return null;
    }

    private ConfigNode ReadValue(ref Utf8JsonReader json, string path)
    {
        int offset = (int)json.TokenStartIndex;
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref json, new ConfigNode(NodeKind.Object, path, offset, ""));
            case JsonTokenType.StartArray:
                return ReadArray(ref json, new ConfigNode(NodeKind.Array, path, offset, ""));
            case JsonTokenType.String:
                return new ConfigNode(NodeKind.String, path, offset, json.GetString()!);
            case JsonTokenType.Number:
                return new ConfigNode(NodeKind.Number, path, offset, Encoding.ASCII.GetString(json.ValueSpan));
            case JsonTokenType.Null:
                return new ConfigNode(NodeKind.Null, path, offset, "");
            default:
                return new ConfigNode(NodeKind.Flag, path, offset, json.GetBoolean() ? "true" : "false");
        }
    }

    private ConfigNode ReadObject(ref Utf8JsonReader json, ConfigNode node)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            string key = json.GetString()!;
            int keyOffset = (int)json.TokenStartIndex;
            json.Read();
            var member = new ConfigMember(keyOffset, ReadValue(ref json, node.PathOf(key)));
            if (!node.Members.TryAdd(key, member))
            {
                int firstLine = source.At(node.Members[key].KeyOffset).Line;
                problems.Add(keyOffset, node.PathOf(key), $"is given twice; remove it here or in line {firstLine}");
            }
        }

        return node;
    }

    private ConfigNode ReadArray(ref Utf8JsonReader json, ConfigNode node)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            node.Items.Add(ReadValue(ref json, string.Create(null, $"{node.Path}[{node.Items.Count}]")));
        }

        return node;
    }

    private int OffsetOf(JsonException e)
    {
        ReadOnlySpan<byte> rest = source.Bytes.Span;
        int offset = 0;
        for (long line = e.LineNumber ?? 0; line > 0; line--)
        {
            int lineBytes = rest[offset..].IndexOf((byte)'\n') + 1;
            offset += lineBytes;
        }

        return offset + (int)(e.BytePositionInLine ?? 0);
    }

    // The platform adds its own line and position, counted from 0, which would only confuse beside ours.
    private static string MessageOf(JsonException e)
    {
        int end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? e.Message : e.Message[..end]).TrimEnd('.', ' ');
    }
}
