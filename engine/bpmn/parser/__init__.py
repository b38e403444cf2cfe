"""Reading diagrams: safe XML, the `zeebe` extension elements, then specs. Findings are collected, never raised one by
one."""
