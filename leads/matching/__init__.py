"""Which leads may be one and the same, how sure that is, and why."""
