"""Webhooks: other systems are told of what happens to cases, signed, in order, until they have heard."""
