"""Stories of `watchbill silence`, as they are read in a terminal."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.cli.ledgers import environ, make_ledger
from tests.unit.cli.terminal import Said, watchbill
from watchbill.alerts.ledger import Ledger
from watchbill.model.matchers import Matcher


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return make_ledger(tmp_path, "checkout", "search")


def run(home: Path, *words: str) -> Said:
    return watchbill("silence", *words, cwd=home, **environ(home))


def test_a_silence_is_added_listed_and_ended(ledger: Ledger, tmp_path: Path) -> None:
    added = run(tmp_path, "add", "Errors", "service=~c.*", "--author", "ann", "--comment", "known\x1b[31m")
    [silence] = ledger.silences()
    assert added == Said(0, f"{silence.id}\n", "1 of the alerts that fire now is silenced by it\n")
    assert silence.matchers == (Matcher("alertname", "=", "Errors"), Matcher("service", "=~", "c.*"))
    assert silence.ends_at - silence.starts_at == timedelta(hours=1)

    head, row = run(tmp_path, "list").out.splitlines()
    assert head.split() == ["id", "state", "matchers", "starts", "ends", "author", "comment"]
    assert row.split()[:3] == [silence.id, "active", '{alertname="Errors",service=~"c.*"}']
    assert row.endswith("ann     known\\x1b[31m")
    assert len(run(tmp_path, "list", "--expired").out.splitlines()) == 1

    assert run(tmp_path, "expire", silence.id, "-a", "bob") == Said(0, f"{silence.id} is over\n", "")
    assert len(run(tmp_path, "list").out.splitlines()) == 1
    [told] = json.loads(run(tmp_path, "list", "--expired", "--json").out)
    assert (told["id"], told["state"], told["expired_by"]) == (silence.id, "expired", "bob")
    assert run(tmp_path, "expire", silence.id) == Said(1, "", f"watchbill: silence {silence.id} is over already\n")


def test_a_silence_has_a_start_and_an_end(ledger: Ledger, tmp_path: Path) -> None:
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    said = run(tmp_path, "add", "service=checkout", "-a", "ann", "-c", "move", "--start", tomorrow.isoformat(),
               "--duration", "2h", "--json")
    told = json.loads(said.out)
    assert told == {
        "id": told["id"], "state": "pending", "matchers": ['service="checkout"'], "author": "ann", "comment": "move",
        "starts_at": f"{tomorrow:%Y-%m-%dT%H:%M:%SZ}", "ends_at": f"{tomorrow + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}",
        "created_at": told["created_at"], "expired_by": None, "matched": 1}
    end = tomorrow + timedelta(days=1)
    run(tmp_path, "add", "service=checkout", "-c", "move", "--start", tomorrow.isoformat(), "--end", end.isoformat())
    assert [silence.ends_at for silence in ledger.silences()] == [tomorrow + timedelta(hours=2), end]


def test_a_start_in_the_past_is_now(ledger: Ledger, tmp_path: Path) -> None:
    assert run(tmp_path, "add", "Errors", "-c", "x", "--start", "2026-01-01").code == 0
    [silence] = ledger.silences()
    assert silence.starts_at == silence.created_at


def test_lists_can_be_of_some_matchers_only(ledger: Ledger, tmp_path: Path) -> None:
    for service in ("checkout", "search"):
        run(tmp_path, "add", "Errors", f"service={service}", "-c", "x")
    assert [each["matchers"][1] for each in json.loads(run(tmp_path, "list", "service=search", "--json").out)] == [
        'service="search"']
    assert run(tmp_path, "list", "--quiet").out.split() == [silence.id for silence in ledger.silences()]


@pytest.mark.parametrize(("words", "code", "says"), [
    (["add", "a=~.*", "-c", "x"], 1, "watchbill: at least one matcher must ask for a label that is there: "),
    (["add", "x=y", 'a=~"["', "-c", "x"], 1, "watchbill: '[' is no RE2 expression: "),
    (["add", "Errors", "-c", ""], 1, "watchbill: a silence needs a comment"),
    (["add", "Errors", "-c", "x", "-a", " "], 1, "watchbill: a silence needs an author"),
    (["add", "Errors", "-c", "x", "--end", "2026-01-01"], 1, "watchbill: a silence must end after it starts"),
    (["add", "Errors", "-c", "x", "--duration", "soon"], 2, "'soon' is no duration"),
    (["add", "Errors", "-c", "x", "--duration", "0"], 1, "watchbill: a silence must end after it starts"),
    (["add", "Errors"], 2, "Missing option '--comment'"),
    (["expire", "nope"], 1, "watchbill: there is no silence 'nope'"),
])
def test_what_cannot_be_is_a_sentence(
    ledger: Ledger, tmp_path: Path, words: list[str], code: int, says: str,
) -> None:
    said = run(tmp_path, *words)
    assert (said.code, said.out) == (code, "")
    assert says in said.err
    assert ledger.silences() == []


def test_without_a_ledger_it_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    said = run(tmp_path, "list")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"watchbill: there is no ledger in {tmp_path}/ledger.db: ")
