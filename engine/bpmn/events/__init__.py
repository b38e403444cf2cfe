"""Events (BPMN 2.0.2, chapter 10.5): what happens to an instance, and what it makes happen."""
