"""Errors of the engine, one tree. A class docstring is its default message; attributes carry ids, never personal
data.
"""

from datetime import datetime
from typing import Any
from uuid import UUID


class EngineError(Exception):
    """The engine could not do what was asked."""

    def __init__(self, message: str | None = None, **details: Any) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().split("\n")[0])
        self.details = details


# --- bundles and deployments ---------------------------------------------------------------------------------------


class BundleRefused(EngineError):
    """The bundle cannot be read safely. `reason` is a gettext message id, `parameters` fill its braces."""

    def __init__(self, reason: str, file: str | None = None, **parameters: Any) -> None:
        said = reason.format_map(parameters) if parameters else reason
        super().__init__(f"{file}: {said}" if file else said)
        self.reason, self.file, self.parameters = reason, file, parameters


class ManifestInvalid(EngineError):
    """The manifest does not say what it must."""

    def __init__(self, reason: str, path: str = "$") -> None:
        super().__init__(f"manifest.json, {path}: {reason}")
        self.reason, self.path = reason, path


class ScenarioInvalid(EngineError):
    """The scenario file does not follow its format."""

    def __init__(self, reason: str, file: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.reason, self.file = reason, file


class DeploymentUnknown(EngineError):
    """No deployed version has this id or content."""


class ProcedureUnknown(EngineError):
    """No version of this procedure is in service."""


class FormUnknown(EngineError):
    """The procedure has no start form of this name."""


# --- cases ---------------------------------------------------------------------------------------------------------


class CaseUnknown(EngineError):
    """No case has this id."""


class CaseAlreadyClosed(EngineError):
    """Expected a case that is still moving, but it is closed or cancelled."""


class ReasonMissing(EngineError):
    """Expected a reason in words, but none was given."""


class InstanceUnknown(EngineError):
    """No instance has this id."""


class InstanceEnded(EngineError):
    """Expected a running instance, but it has ended."""


class InstanceSuspended(EngineError):
    """Expected an instance that may move, but an administrator has suspended it."""


class InstanceNotSuspended(EngineError):
    """Expected a suspended instance, but it is not suspended."""


class CallerSuspended(EngineError):
    """Expected to resume the whole, but the instance that called this one is suspended: resume that one."""


class VariableNameInvalid(EngineError):
    """Expected the name of a variable, of at most 200 characters."""


class VariableValueInvalid(EngineError):
    """Expected a value that can be kept, but it is too large, or too deep."""


class ModificationRefused(EngineError):
    """The instance cannot be changed so. `reason` is a gettext message id, `parameters` fill its braces."""

    def __init__(self, reason: str, **parameters: Any) -> None:
        super().__init__(reason.format_map(parameters))
        self.reason, self.parameters = reason, parameters


class PlanInvalid(EngineError):
    """The plan of a migration names what is not there. `reason` is a gettext message id, `parameters` fill its
    braces.
    """

    def __init__(self, reason: str, **parameters: Any) -> None:
        super().__init__(reason.format_map(parameters))
        self.reason, self.parameters = reason, parameters


class OtherProcedure(EngineError):
    """Expected two versions of one procedure, but these are of two."""


class InstanceStays(EngineError):
    """The instance cannot go on with the other version. `obstacles` say why, all together."""

    def __init__(self, obstacles: tuple[Any, ...]) -> None:
        super().__init__(" ".join(obstacle.sentence for obstacle in obstacles))
        self.obstacles = obstacles


class BatchUnknown(EngineError):
    """No batch has this id."""


# --- tasks ---------------------------------------------------------------------------------------------------------


class TaskUnknown(EngineError):
    """No task has this id."""


class TaskAlreadyCompleted(EngineError):
    """Expected an open task, but somebody has completed it."""

    def __init__(self, by_name: str, at: datetime) -> None:
        super().__init__()
        self.by_name, self.at = by_name, at


class TaskWithdrawn(EngineError):
    """Expected an open task, but the case went on without it."""


class TaskClaimedByAnother(EngineError):
    """Expected a task nobody else has claimed, but a colleague has."""

    def __init__(self, by_name: str) -> None:
        super().__init__()
        self.by_name = by_name


# --- jobs, incidents, messages -------------------------------------------------------------------------------------


class JobUnknown(EngineError):
    """No job has this id."""


class LeaseLost(EngineError):
    """Expected the attempt that holds the lease, but another attempt has it now."""

    def __init__(self, job_id: UUID) -> None:
        super().__init__(job_id=job_id)
        self.job_id = job_id


class IncidentUnknown(EngineError):
    """No incident has this id."""
