"""Every piece of YAML in docs/rules.md can be read as it stands there."""

import re
from pathlib import Path

import pytest

from watchbill.declare.reader import read_document
from watchbill.declare.rule_tests import RuleTests
from watchbill.model.rules import Rule, RuleGroup

DOCS = (Path(__file__).parents[3] / "docs/rules.md").read_text()
PIECES = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)


@pytest.mark.parametrize("text", PIECES)
def test_what_the_docs_show_is_sound(text):
    document = read_document("rules.md", text)
    assert document.findings == []
    if "groups" in document.data:
        for group in document.data["groups"]:
            RuleGroup.model_validate(group)
    elif "condition" in document.data:
        Rule.model_validate({"alert": "Shown", **document.data})
    else:
        RuleTests.model_validate(document.data)


def test_every_type_of_condition_is_in_the_table():
    types = Rule.model_json_schema()["properties"]["condition"]["discriminator"]["mapping"]
    assert [name for name in types if f"| `{name}` |" not in DOCS] == []
