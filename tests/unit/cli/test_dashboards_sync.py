"""Stories of `watchbill dashboards plan`, `apply`, `history` and `rollback`, as they are read in a terminal."""

import json
from pathlib import Path

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from sandbox.stack.airflow import connections
from tests.sandbox_fixtures import aws_client, sandbox, sandbox_server  # noqa: F401 - fixtures
from tests.unit.cli.ledgers import environ, make_ledger
from tests.unit.cli.terminal import Said, watchbill

SHOP = """\
id: shop
title: Shop
clouds: cloudwatch
widgets:
  - {type: text, title: Notes, markdown: "See `runbook`.", x: 0, y: 0, width: 12, height: 2}
"""


class Terminal:
    def __init__(self, home: Path, sandbox: Sandbox) -> None:  # noqa: F811
        make_ledger(home)
        (home / "include" / "dashboards").mkdir()
        (home / "include" / "watchbill.yaml").write_text("dashboards: {prune: 1}\n")
        self.home, self.sandbox = home, sandbox
        self.environ = connections("", sandbox.url, sandbox.aws_url) | environ(home)
        self.declare("shop", SHOP)

    def declare(self, name: str, text: str) -> None:
        (self.home / "include" / "dashboards" / f"{name}.yaml").write_text(text)

    def run(self, *words: str) -> Said:
        return watchbill("dashboards", *words, cwd=self.home, **self.environ)

    def edit(self, body: str) -> None:
        aws_client(self.sandbox, "cloudwatch").put_dashboard(DashboardName="watchbill-shop", DashboardBody=body)


@pytest.fixture
def terminal(tmp_path: Path, sandbox: Sandbox) -> Terminal:  # noqa: F811
    return Terminal(tmp_path, sandbox)


def test_a_plan_is_made_applied_and_then_empty(terminal: Terminal) -> None:
    said = terminal.run("plan", "--out", "plan.json")
    assert (said.code, said.out) == (
        2, "CloudWatch (aws_default)\n  create  shop\n    + Shop, 1 widget\n1 to create\n")
    assert terminal.sandbox.cloudwatch.dashboards == {}

    said = terminal.run("apply", "plan.json", "--author", "ann")
    url = ("https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
           "#dashboards/dashboard/watchbill-shop")
    assert (said.code, said.out) == (0, f"create shop on cloudwatch (aws_default) {url}\n")

    assert terminal.run("plan") == Said(0, "1 unchanged\n", "")
    again = terminal.run("apply", "plan.json")
    assert (again.code, again.out) == (1, "")
    assert again.err.endswith("watchbill: shop on cloudwatch (aws_default): it is there by now: plan again\n")


def test_an_edit_by_hand_is_shown_refused_and_settled_by_who_wins(terminal: Terminal) -> None:
    terminal.run("apply")
    terminal.edit('{"widgets": [], "start": "-PT3H"}')
    said = terminal.run("plan", "--markdown")
    assert said.code == 2
    assert said.out == (
        "### Dashboards: 1 drifted\n\n"
        "**drifted** `shop` in CloudWatch (aws\\_default) – [live](https://eu-west-1.console.aws.amazon.com/cloudwatch/"
        "home?region=eu-west-1#dashboards/dashboard/watchbill-shop)\n\n"
        '```diff\nby hand:\n+ start: "-PT3H"\n- "Notes" (text)\n```\n')
    told = json.loads(terminal.run("plan", "--json").out)
    assert told["summary"] == "1 drifted"
    assert told["changes"][0]["by_hand"][0] == {"kind": "added", "widget": "", "field": "start", "before": None,
                                                "after": "-PT3H"}

    refused = terminal.run("apply")
    assert (refused.code, refused.out) == (1, "")
    assert "was changed by hand: say which side wins, overwrite or keep" in refused.err
    assert "drifted shop" in terminal.run("apply", "--keep").out
    assert terminal.sandbox.cloudwatch.dashboards["watchbill-shop"].body == '{"widgets": [], "start": "-PT3H"}'
    assert terminal.run("apply", "--overwrite").code == 0
    assert terminal.run("plan").code == 0


def test_more_than_a_few_are_deleted_only_when_it_is_confirmed(terminal: Terminal) -> None:
    terminal.declare("two", SHOP.replace("id: shop", "id: two"))
    terminal.declare("three", SHOP.replace("id: shop", "id: three"))
    terminal.run("apply")
    for name in ("two", "three"):
        (terminal.home / "include" / "dashboards" / f"{name}.yaml").unlink()
    refused = terminal.run("apply")
    assert refused.code == 1
    assert "2 dashboards would be deleted on cloudwatch (aws_default), and 1 are the most at once" in refused.err
    assert terminal.run("apply", "--prune", "2").code == 0
    assert set(terminal.sandbox.cloudwatch.dashboards) == {"watchbill-shop"}


def test_an_earlier_version_is_put_back_until_the_declaration_changes(terminal: Terminal) -> None:
    terminal.run("apply", "--author", "ann")
    terminal.declare("shop", SHOP.replace("runbook", "new runbook"))
    terminal.run("apply", "--author", "bob")
    newest, first = json.loads(terminal.run("history", "shop", "--json").out)
    assert [(one["kind"], one["author"], one["widgets"]) for one in (newest, first)] == [
        ("applied", "bob", 1), ("applied", "ann", 1)]

    said = terminal.run("rollback", "shop", str(first["version"]), "--author", "cem")
    assert said.code == 0
    assert "See `runbook`." in terminal.sandbox.cloudwatch.dashboards["watchbill-shop"].body
    still = terminal.run("plan")
    assert still.code == 0
    assert f"rolled back to version {first['version']} by cem, until its declaration changes" in still.out
    terminal.declare("shop", SHOP.replace("runbook", "newest runbook"))
    assert terminal.run("plan").code == 2

    head, *rows = terminal.run("history", "shop").out.splitlines()
    assert head.split() == ["version", "at", "cloud", "connection", "kind", "widgets", "author"]
    assert [row.split()[-1] for row in rows] == ["cem", "bob", "ann"]
    assert "has no version 99" in terminal.run("rollback", "shop", "99").err


def test_what_cannot_be_looked_at_is_exit_code_1(terminal: Terminal) -> None:
    terminal.sandbox.faults.add(Fault("cloudwatch", status=403, body={"__type": "AccessDenied"}, times=None))
    said = terminal.run("plan")
    assert said.code == 1
    assert "failed  shop" in said.out
    terminal.declare("shop", "id: shop\ntitl: x\n")
    broken = terminal.run("plan")
    assert broken.code == 1
    assert "dashboards/shop.yaml:2" in broken.err


def test_without_a_ledger_the_clouds_are_asked(terminal: Terminal) -> None:
    assert terminal.run("apply", "--no-ledger").code == 0
    assert terminal.run("plan", "--no-ledger").code == 0


def test_what_is_no_plan_is_told(terminal: Terminal) -> None:
    (terminal.home / "plan.json").write_text("{}")
    assert "plan.json is no plan" in terminal.run("apply", "plan.json").err
    assert "cannot be read" in terminal.run("apply", "nothing.json").err
    assert terminal.run("apply", "--overwrite", "--keep").code == 2
    assert "no dashboard is declared as nothing" in terminal.run("plan", "--only", "nothing").err
