"""The running instance: tokens, scopes of execution, subscriptions and the loop that moves them until all wait."""
