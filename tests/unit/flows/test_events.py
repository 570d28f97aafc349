"""The flows' structured events, read from the code: no field may have a name that a log writer takes for its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import watchbill

PRODUCT = Path(watchbill.__file__).parent
RESERVED = {"target", "level", "msg", "event", "timestamp", "logger"}
"""`target` ends the task in Airflow 3.3: it is an argument of its own log writer. The others would be overwritten."""
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


def events(path: Path) -> Iterator[tuple[ast.Call, dict[str, ast.expr]]]:
    """Each call of a structlog logger in a module, with its fields; a `**mapping` has the name `**`."""
    tree = ast.parse(path.read_text())
    loggers = {target.id for node in tree.body if isinstance(node, ast.Assign)
               and ast.unparse(node.value).startswith("structlog.get_logger")
               for target in node.targets if isinstance(target, ast.Name)}
    for node in ast.walk(tree):
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS
                and isinstance(node.func.value, ast.Name) and node.func.value.id in loggers):
            yield node, {keyword.arg or "**": keyword.value for keyword in node.keywords}


def modules() -> list[Path]:
    return [path for path in sorted(PRODUCT.rglob("*.py")) if "structlog.get_logger" in path.read_text()]


def keys(path: Path) -> set[str]:
    """Every key that is written out in a module: what a `**mapping` may bring comes from there."""
    return {key.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Dict)
            for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PRODUCT)))
def test_no_event_has_a_field_with_a_reserved_name(path: Path):
    for call, fields in events(path):
        assert not RESERVED & fields.keys(), f"{path}:{call.lineno}"
        spread = ast.unparse(fields["**"]) if "**" in fields else ""
        if spread and not spread.startswith("_logged("):
            assert not RESERVED & keys(path), f"{path}:{call.lineno}: **{spread}"


def test_the_one_mapping_with_a_reserved_key_is_renamed_before_it_is_logged():
    from watchbill.flows.deliver_notifications import _logged

    assert _logged({"channel": "slack", "target": "#ops"}) == {"channel": "slack", "recipient": "#ops"}


def names(call: ast.Call) -> set[str]:
    """What a call may name its event: one constant, or one of two."""
    [name] = call.args
    found = {node.value for node in ast.walk(name) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert found, f"{ast.unparse(call)} has no name to look for"
    return found


def test_an_event_is_named_in_words_that_can_be_searched_for():
    found = {name for path in modules() for call, _ in events(path) for name in names(call)}
    assert found >= {"collection_planned", "share_collected", "metrics_collected", "rules_evaluated",
                     "notification_sent", "notification_dead", "notifications_dispatched", "dashboard_synced",
                     "lake_tended"}
    assert {name for name in found if not name.replace("_", "").islower()} == set()
