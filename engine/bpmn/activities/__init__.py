"""Activities (BPMN 2.0.2, chapter 10.3): tasks, sub-processes, calls, loops and compensation."""
