"""Hand-written migrations of the engine, in order of their id."""
