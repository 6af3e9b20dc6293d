"""One request's life: the states, rewriting, replies. Pure: awaits ports, does no I/O."""
