"""Every department the bundle names is one of the town: manifest, lanes, candidate groups. A user task always has
one.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "departments-known"


def check(subject: Subject) -> Iterator[Finding]:
    """Errors for unknown departments; nothing where the town's departments are not known."""
    known = subject.catalogue.departments
    if known is None:
        return
    manifest = subject.bundle.manifest
    named = {"department": manifest.department} | {f"lanes.{lane}": slug for lane, slug in manifest.lanes.items()}
    for path, slug in named.items():
        if slug not in known:
            yield Finding(
                rule=RULE,
                severity="error",
                file="manifest.json",
                element=None,
                message="“{path}” names the department “{department}”, which this town does not have.",
                way_out="Create the department, or name another.",
                parameters={"path": path, "department": slug},
            )
    for element in subject.elements:
        if element.kind != "userTask":
            continue
        lane = [element.department] if element.department and not element.department.startswith("=") else []
        for slug in subject.candidate_groups(element) or lane:
            if slug not in known:
                yield subject.found(
                    RULE,
                    "error",
                    element,
                    "“{name}” goes to the department “{department}”, which this town does not have.",
                    "Create the department, or correct the lane or the candidate groups.",
                    department=slug,
                )
