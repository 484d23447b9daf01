using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace L7Engine.Tests.Tidy;

/// <summary>The public members of types, one a line, close to how C# writes them.</summary>
/// <remarks>What the compiler adds to every record (equality, copying) is left out.</remarks>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(double)] = "double",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
    };

    private static readonly NullabilityInfoContext Nullability = new();

    public static string Of(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        foreach (Type type in types.OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(KindOf(type)).Append(' ').Append(type.FullName).Append(BasesOf(type)).Append('\n');
            text.AppendJoin("", MembersOf(type).Select(member => $"    {member}\n"));
        }

        return text.ToString();
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetEnumNames().Select(name => string.Create(
                CultureInfo.InvariantCulture, $"{name} = {Convert.ToInt64(Enum.Parse(type, name), null)}"));
        }

        return
        [
            .. type.GetConstructors().Where(IsWritten).Select(c => $"new({ParametersOf(c)})"),
            .. ByName(type.GetFields(Declared)).Select(f => $"{NameOf(Nullability.Create(f))} {f.Name}"),
            .. ByName(type.GetEvents(Declared)).Select(e => $"event {NameOf(Nullability.Create(e))} {e.Name}"),
            .. ByName(type.GetProperties(Declared)).Select(SignatureOf),
            .. ByName(type.GetMethods(Declared)).Where(m => IsWritten(m) && !m.IsSpecialName).Select(SignatureOf),
        ];
    }

    private static IEnumerable<T> ByName<T>(T[] members)
        where T : MemberInfo => members.OrderBy(m => m.Name, StringComparer.Ordinal);

    private static bool IsWritten(MethodBase method) => !method.IsDefined(typeof(CompilerGeneratedAttribute));

    private static string KindOf(Type type) => type switch
    {
        { IsEnum: true } => $"enum({NameOf(Enum.GetUnderlyingType(type))})",
        { IsInterface: true } => "interface",
        { IsValueType: true } => type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly struct" : "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsSealed: true } => type.GetMethod("<Clone>$") is null ? "sealed class" : "sealed record",
        _ => "class",
    };

    private static string BasesOf(Type type)
    {
        var bases = type.GetInterfaces()
            .Where(i => !type.IsEnum && i != typeof(IEquatable<>).MakeGenericType(type))
            .Select(NameOf)
            .Order(StringComparer.Ordinal);
        bool isPlain = type.IsEnum || type.IsValueType || type.BaseType == typeof(object) || type.BaseType is null;
        string[] all = isPlain ? [.. bases] : [NameOf(type.BaseType!), .. bases];
        return all.Length == 0 ? "" : " : " + string.Join(", ", all);
    }

    private static string SignatureOf(PropertyInfo property)
    {
        bool isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers()
            .Contains(typeof(IsExternalInit)) == true;
        string set = property.SetMethod is not { IsPublic: true } ? "" : isInit ? " init;" : " set;";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{required}{NameOf(Nullability.Create(property))} {property.Name} {{ get;{set} }}";
    }

    private static string SignatureOf(MethodInfo method)
    {
        string isStatic = method.IsStatic ? "static " : "";
        return $"{isStatic}{NameOf(Nullability.Create(method.ReturnParameter))} {method.Name}({ParametersOf(method)})";
    }

    private static string ParametersOf(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{NameOf(Nullability.Create(p))} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "default"}" : "")}"));

    private static string NameOf(NullabilityInfo type)
    {
        bool isNullableObject = type.ReadState == NullabilityState.Nullable && !type.Type.IsValueType;
        string name = type.GenericTypeArguments is { Length: > 0 } arguments && Nullable.GetUnderlyingType(type.Type) is null
            ? $"{type.Type.Name.Split('`')[0]}<{string.Join(", ", arguments.Select(NameOf))}>"
            : NameOf(type.Type);
        return isNullableObject ? name + "?" : name;
    }

    private static string NameOf(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return NameOf(underlying) + "?";
        }

        return type.IsGenericType
            ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
            : Keywords.GetValueOrDefault(type, type.Name);
    }
}
