"""Files that are no YAML, or YAML that tries something."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from watchbill.declare.reader import read_document, read_in_full

TABS = "metrics:\n  - name: a\n\tperiod: 1m\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True))

UNREADABLE = {
    "a bracket that is not closed": ("metrics: [\n", ":2: is no YAML: did not find expected node content while "
                                     "parsing a flow node (close the bracket or give the value)"),
    "a tab": (TABS, ":3: is no YAML: a tab indents it (indent with spaces)"),
    "a quote that is not closed": ("a: 'b\nc: d\n", ":3: is no YAML: found unexpected end of stream while scanning a "
                                   "quoted scalar that begins in line 1 (close the quote)"),
    "a colon in a text": ("a: b: c\n", ":1: is no YAML: mapping values are not allowed in this context "
                          "(indent it like its neighbours, or quote a text with `: ` in it)"),
    "a sign that starts nothing": ("a:\n  b: @c\n", ":2: is no YAML: '@' cannot start a value "
                                   "(put the text in quotes)"),
    "an indentation that fits nowhere": (
        "groups:\n  - name: a\n   rules: []\n",
        ":3: is no YAML: did not find expected '-' indicator while parsing a block collection "
        "that begins in line 2 (indent it like its neighbours)"),
    "an alias of nothing": ("a: *b\n", ":1: is no YAML: found undefined alias "
                            "(define it with & before it is used, or quote a text that starts with *)"),
    "two documents": ("metrics: []\n---\nmetrics: []\n", ":2: is no YAML: but found another document expected a "
                      "single document in the stream that begins in line 1 (make it a file of its own)"),
    "a control character": ("metrics: []\n# \x07\n", ":2: is no YAML: the control character U+0007 (remove it)"),
    "nothing": ("", ": is empty (write what it should declare, or remove the file)"),
    "blanks": (" \n\n", ": is empty (write what it should declare, or remove the file)"),
    "latin-1": ("# Zählwerke\n# für den Laden: 5 €\n".encode("cp1252"),
                ":1: is not UTF-8: byte 0xe4 (save the file as UTF-8)"),
    "a list": ("- name: shop\n", ":1: should be a mapping, not a list"),
    "a text": ("metrics\n", ":1: should be a mapping, not `metrics`"),
    "a key twice": ("metrics: []\nmetrics: []\n", ":2: metrics: is written twice, first in line 1 (keep one of them)"),
    "a tag of Python": ("metrics: !!python/object/apply:os.system [ls]\n",
                        ":1: metrics: the tag !!python/object/apply:os.system is not read (leave the tag out)"),
    "a template without quotes": ("metrics:\n  - {{ x }}\n", ":2: metrics[0]: a key is a list or a mapping "
                                  '(put a template in quotes: "{{ … }}")'),
    "an anchor in itself": ("metrics: &a [*a]\n", "its anchors repeat themselves without end (write it out)"),
    "a merge of itself": ("metrics: &a {<<: *a}\n", "its anchors repeat themselves without end (write it out)"),
    "a bomb of aliases": (BOMB, "its anchors repeat themselves without end (write it out)"),
    "deeper than anybody writes": ("[" * 100_000, ":1: is no YAML: it is nested deeper than 64 levels"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_cannot_be_read_is_told_and_hides_nothing(include, what):
    text, told = UNREADABLE[what]
    include.write("metrics/other.yaml", text)
    include.replace("rules/shop.yaml", "threshold: 100", "threshold: lots")
    mine = [line for line in include.told() if line.startswith("metrics/other.yaml") and "unknown key" not in line]
    assert len([line for line in mine if told in line]) == 1, mine
    declared = include.load()
    assert [entry.name for entry in declared.metrics] == ["shop"]
    assert any(finding.file == "rules/shop.yaml" for finding in declared.findings)


def test_a_file_of_comments_declares_nothing_and_is_only_warned_about(include):
    include.write("metrics/other.yaml", "# later\n")
    assert include.told() == ["warning: metrics/other.yaml: declares nothing: all of it is comments"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_does_no_harm(include, encoding):
    text = (include.path / "metrics/shop.yaml").read_text()
    include.write("metrics/shop.yaml", text.encode(encoding))
    assert include.told() == []


def test_anchors_and_merges_are_allowed(include):
    include.write("metrics/other.yaml", """\
        metrics:
          - &shop
            name: one
            sources: cloudwatch
            namespace: shop
            metrics: a
            period: 1m
          - <<: *shop
            name: two
            metrics: b
        """)
    assert include.told() == []
    assert [(entry.name, entry.metrics, entry.namespace) for entry in include.load().metrics] == [
        ("one", ("a",), "shop"), ("two", ("b",), "shop"), ("shop", ("requests", "errors"), "shop")]


def test_what_is_wrong_in_an_anchor_is_told_where_it_is_written(include):
    include.write("metrics/other.yaml", """\
        metrics:
          - {name: one, sources: &all [cloudwatch, datdog], namespace: a, metrics: b, period: 1m}
          - {name: two, sources: *all, namespace: a, metrics: b, period: 1m}
        """)
    assert [finding.line for finding in include.load().findings] == [2, 2]


def test_numbers_and_booleans_are_read_as_in_yaml_1_2(include):
    include.write("metrics/other.yaml", """\
        metrics:
          - name: no
            sources: cloudwatch
            namespace: 17:00
            metrics: [on, 2024-01-01, 0123]
            period: 1m
        """)
    assert include.told() == []
    entry = include.load().metrics[0]
    assert (entry.name, entry.namespace, entry.metrics) == ("no", "17:00", ("on", "2024-01-01", "0123"))


def test_a_file_that_cannot_be_opened_is_told(include):
    (include.path / "metrics/other.yaml").symlink_to("nowhere.yaml")
    (include.path / "metrics/folder.yaml").mkdir()
    assert include.told() == []  # neither is a file


def test_a_folder_that_is_not_there_is_told(tmp_path):
    from watchbill.declare.load import load

    declared = load(tmp_path / "nowhere", {})
    assert [str(finding) for finding in declared.findings] == [
        f"{tmp_path}/nowhere: is no folder (name the folder that holds watchbill.yaml)"]


_TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12),
    st.sampled_from(["no", "on", "17:00", "~", "null", "True", "0o17", "0x1F", "012", "1.10", "-.inf", ".nan", "1e3",
                     "<<", "", "+1", "- a", "a: b", "# a", "'", "1_000"]))
_DATA = st.recursive(
    st.one_of(_TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_TEXTS, inner, max_size=4)), max_leaves=20)


@given(_DATA, st.sampled_from([None, True, False]), st.booleans())
def test_a_plain_file_is_read_at_once_as_it_is_read_in_full(data, flow, has_comment):
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True) + ("# ended\n" if has_comment else "")
    in_full = read_in_full("a.yaml", text)
    at_once = read_document("a.yaml", text)
    assert (repr(at_once.data), at_once.findings, at_once.places) == (
        repr(in_full.data), in_full.findings, in_full.places)


def test_every_declaration_that_is_shipped_is_read_at_once_as_it_is_read_in_full():
    files = sorted((Path(__file__).parents[3] / "include").rglob("*.yaml"))
    assert files
    for file in files:
        assert repr(read_document("a", file.read_text()).data) == repr(read_in_full("a", file.read_text()).data)


@pytest.mark.parametrize("text", [
    "a: &b 1\n", "a: *b\n", "a: !!str 1\n", "a: 1\na: 2\n", "<<: {a: 1}\n", "? [a]\n: 1\n", "--- 1\n--- 2\n", "",
    "# a\n", "a: [\n", "[" * 70 + "]" * 70, "a: 0x\n", "\ta: 1\n", "a: \x07\n",
])
def test_what_is_not_plain_is_read_in_full(text):
    in_full, found = read_in_full("a.yaml", text), read_document("a.yaml", text)
    assert (found.data, found.findings, found.broken) == (in_full.data, in_full.findings, in_full.broken)
