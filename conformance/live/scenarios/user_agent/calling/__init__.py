"""The subject calls, made to by a trigger."""
