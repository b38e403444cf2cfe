"""Inbound: what another system tells us, signed: it starts a case or wakes one that waits."""
