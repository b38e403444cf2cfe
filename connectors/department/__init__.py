"""Department: decides by decision table who handles a case, and with which priority."""
