"""The demo town, Saint-Martin-sur-Loire: who works there, what its inhabitants ask, and its life played through a moved
clock.

Nothing here inserts a case: every one is filed, routed, answered and closed by the verbs that citizens and agents use.
"""
