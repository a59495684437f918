"""`revert`: our part of each patch file, and our registrations, are taken out; what others wrote stays."""

from __future__ import annotations

from ..keepers import Keeper, Project
from .document import sha256
from .plan import Plan, forget, ours


def planned(project: Project, keeper: Keeper) -> Plan:
    """What has to be written to be without our patches."""
    plan = Plan()
    for item, document in ours(plan, project, keeper):
        if document.theirs:
            plan.files[item.path] = document.theirs
            plan.said.append(f"left {item.path} as it was made by hand ({sha256(document.theirs)[:12]})")
        else:
            forget(plan, [item])
            plan.said.append(f"removed {item.path}: {item.unit}")
    return plan
