"""Webhook: tells another system, signed, that something happened to a case."""
