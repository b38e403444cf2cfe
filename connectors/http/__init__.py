"""HTTP: calls a JSON service and hands its answer to the case."""
