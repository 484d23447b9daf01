using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace L7Engine.Tests.Tidy;

[TestFixture]
internal sealed class NamingTests
{
    // They say nothing of what a type is for, so anything can be put into it.
    private static readonly string[] EmptySuffixes =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Base", "Impl", "Info", "Data", "Handler"];

    // What belongs together in a few lines has a name of its own.
    private static readonly string[] SmallTypesTogether = ["TcpSettings.cs"];

    private static readonly Assembly[] Assemblies = [typeof(LoadBalancer).Assembly, Assembly.Load("L7Engine.Host")];

    [TestCaseSource(nameof(Assemblies))]
    public void The_name_of_a_type_says_what_it_is_for(Assembly assembly)
    {
        var empty = from type in TypesWrittenIn(assembly)
                    where EmptySuffixes.Any(s => type.Name.Split('`')[0].EndsWith(s, StringComparison.Ordinal))
                    select type.FullName;

        Assert.That(empty, Is.Empty);
    }

    [TestCaseSource(nameof(Assemblies))]
    public void A_class_is_sealed_or_there_to_be_derived_from(Assembly assembly)
    {
        Type[] types = [.. TypesWrittenIn(assembly)];

        var open = from type in types
                   where type.IsClass && !type.IsSealed && !type.IsAbstract && !types.Any(t => t.BaseType == type)
                   select type.FullName;

        Assert.That(open, Is.Empty);
    }

    [Test]
    public void A_file_is_named_for_a_type_in_it()
    {
        var misnamed = from file in SourceTree.FilesIn("engine/")
                       let type = Path.GetFileNameWithoutExtension(file.Name)
                       where !SmallTypesTogether.Contains(file.Name)
                           && !Regex.IsMatch(file.Code, $@"\b(class|struct|record|interface|enum)\s+{type}")
                       select file.Path;

        Assert.That(misnamed, Is.Empty);
    }

    private static IEnumerable<Type> TypesWrittenIn(Assembly assembly) =>
        from type in assembly.GetTypes()
        where !type.Name.Contains('<', StringComparison.Ordinal)
            && type.Namespace?.StartsWith("L7Engine", StringComparison.Ordinal) == true
            && !type.IsDefined(typeof(CompilerGeneratedAttribute))
            && !type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute))
        select type;
}
