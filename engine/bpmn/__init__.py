"""BPMN semantics on SpiffWorkflow, laid out as the chapters of the standard. The only place that imports
SpiffWorkflow.

`parser` reads diagrams into specs, `activities`, `gateways` and `events` say what each element does, `scopes` holds
the variables, `runtime` moves the tokens. Never writes to a database and never reads a clock: see `engine.instance`.
"""
