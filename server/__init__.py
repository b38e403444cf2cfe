"""Server: floor 7, wiring of the whole application: settings, databases, processes, command line, errors to HTTP."""
