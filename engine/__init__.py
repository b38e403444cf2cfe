"""Engine: what a case is and how it moves. Floor 2: knows nothing of HTTP, accounts, connectors or screens."""
