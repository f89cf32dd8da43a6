"""Finds every check of ``conformance.checks``: one file per section, each check a module-level name."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache

import conformance.checks
from conformance.errors import SuiteFault
from conformance.judge.predicate import Check

IDENTITY = re.compile(r"^[a-z0-9]+/s[0-9a-z_]+/[a-z0-9-]+$")
CLAUSE = re.compile(r"^[a-z0-9]+:[0-9A-Z]+(\.[0-9]+)*/[0-9]+[a-z]?$")


@cache
def checks() -> tuple[Check, ...]:
    """All checks, in the order of specifications and sections; raises SuiteFault where one breaks the rules."""
    found: list[Check] = []
    prefix = conformance.checks.__name__ + "."
    for module in pkgutil.walk_packages(conformance.checks.__path__, prefix):
        if ".test" in module.name:
            continue
        members = vars(importlib.import_module(module.name))
        found.extend(one for one in members.values() if isinstance(one, Check))
    problems = [problem for one in found for problem in _problems(one)]
    ids = [one.id for one in found]
    problems += [f"{identity} is used twice" for identity in sorted({one for one in ids if ids.count(one) > 1})]
    if problems:
        raise SuiteFault("the checks break their own rules", problems)
    return tuple(sorted(found, key=lambda one: one.id))


def _problems(one: Check) -> list[str]:
    problems: list[str] = []
    if not IDENTITY.match(one.id):
        problems.append(f"{one.id}: not an id")
    if not one.clauses:
        problems.append(f"{one.id}: names no clause")
    problems.extend(f"{one.id}: {clause!r} is no clause id" for clause in one.clauses if not CLAUSE.match(clause))
    return problems
