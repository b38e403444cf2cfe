"""Rules of the deploy gate: one file each, named by what it asks. A rule is `check(subject)`, which yields findings.

They look at a definition that could be built; what keeps one from being built is told by `engine.lint` itself.
"""
