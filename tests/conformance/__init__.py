"""Conformance runners: measure the product against public test suites, read from a folder given on the command line."""
