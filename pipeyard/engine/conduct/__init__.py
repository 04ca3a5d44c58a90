"""Control nodes carried out: what starts child jobs and waits for them, as tasks of the engine."""
