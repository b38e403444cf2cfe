"""Document: lays out a letter, slip or order as PDF and adds it to the case."""
