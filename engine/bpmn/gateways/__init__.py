"""Gateways (BPMN 2.0.2, chapter 10.6): where tokens part and meet."""
