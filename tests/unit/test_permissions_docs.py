"""docs/permissions.md says what the table of permissions says."""

import json
from pathlib import Path

import pytest

from watchbill.model.permissions import PERMISSIONS, Permission, policy

DOCS = (Path(__file__).parents[2] / "docs/permissions.md").read_text()


def test_the_policy_of_the_docs_is_the_one_of_the_table() -> None:
    _, _, rest = DOCS.partition("```json\n")
    assert rest.partition("\n```")[0] == json.dumps(policy(), indent=2)


@pytest.mark.parametrize("permission", PERMISSIONS, ids=lambda one: one.name)
def test_every_permission_has_its_row(permission: Permission) -> None:
    assert f"\n| `{permission.name}` | {permission.part} | {permission.why} |\n" in DOCS


def test_no_row_is_left_of_a_permission_that_is_gone() -> None:
    rows = [line for line in DOCS.splitlines() if line.startswith("| `")]
    assert len(rows) == len(PERMISSIONS) == len({one.name for one in PERMISSIONS})


def test_statements_have_names_of_their_own_that_iam_takes() -> None:
    names = [statement["Sid"] for statement in policy()["Statement"]]
    assert len(set(names)) == len(names)
    assert all(name.isalnum() for name in names)
