namespace L7Engine.Backends.Names;

/// <summary>Which names have no address left that serves, so that they may have others by now.</summary>
internal static class LostNames
{
    /// <summary>Asks for the name of a backend that has failed, if it is lost. How often is bounded where it is
    /// resolved.</summary>
    /// <param name="backends">All of its group.</param>
    public static void AskIfLost(Backend backend, ReadOnlySpan<Backend> backends, NameBook? names)
    {
        if (names is null || backend.Name is not { } name || !Contain(name, backends))
        {
            return;
        }

        foreach (Backend other in backends)
        {
            if (other.Name == name)
            {
                other.State.IsLost = true;
            }
        }

        names.AskEarly(name);
    }

    /// <summary>A backend serves: if its name was lost, it is found, and when it is lost again that is news.</summary>
    public static void NoteServes(Backend backend, NameBook? names)
    {
        if (backend is { Name: { } name, State.IsLost: true })
        {
            backend.State.IsLost = false;
            names?.NoteServes(name);
        }
    }

    // True when each address of the name cannot be connected to, fails its checks or its requests, or is ejected; one
    // that an operator has taken out serves nobody, either.
    private static bool Contain(NameKey name, ReadOnlySpan<Backend> backends)
    {
        foreach (Backend backend in backends)
        {
            bool serves = backend.State is { IsUnreachable: false, Health: { IsUp: true, IsFailing: false } };
            if (serves && backend.Name == name)
            {
                return false;
            }
        }

        return true;
    }
}
