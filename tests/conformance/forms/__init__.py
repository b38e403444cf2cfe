"""Conformance of forms: any form within standard JSON Schema and JSON Forms is deployed, filled in over HTTP and stored
as it was meant."""

from tests.conformance.forms.running import check_folder, run

__all__ = ["check_folder", "run"]
