"""alerting.yaml as an enemy, or a very large company, would write it: a clear error or an answer, and soon."""

from time import perf_counter

import pytest

from watchbill.declare.load import load_alerting
from watchbill.model.failures import DeclarationError

SOUND = "receivers: [{name: us}]\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True))


def refused(include, text):
    include.write("alerting.yaml", text.encode("utf-8", "surrogatepass"))
    begun = perf_counter()
    with pytest.raises(DeclarationError) as caught:
        load_alerting(include.path, {})
    assert perf_counter() - begun < 5
    return [str(finding) for finding in caught.value.findings]


def test_aliases_that_multiply_are_refused(include):
    said = refused(include, f"{BOMB}route: {{receiver: us, group_by: *h}}\n{SOUND}")
    assert sum("its anchors repeat themselves without end (write it out)" in one for one in said) == 1


def test_a_key_that_is_written_twice_is_refused(include):
    assert refused(include, f"route: {{receiver: us, receiver: us}}\n{SOUND}") == [
        "alerting.yaml:1: route.receiver: is written twice, first in line 1 (keep one of them)"]


def test_routes_deeper_than_anybody_reads_are_refused(include):
    assert refused(include, "route: {receiver: us, routes: [" + "{routes: [" * 100 + "]}" * 100 + f"]}}\n{SOUND}") == [
        "alerting.yaml:1: is no YAML: it is nested deeper than 64 levels"]


def test_a_file_larger_than_it_could_be_is_refused(include):
    assert refused(include, "# " + "x" * 6_000_000) == ["alerting.yaml: is larger than 5 MB (split it)"]


@pytest.mark.parametrize("text", ["- route", "route", "route: us", "route: [us]", "receivers: 3", "route: {routes: {}}",
                                  "route: {receiver: [us]}", "route: {receiver: us, matchers: [{a: b}]}", "{}",
                                  "route: {receiver: us, group_by: {a: b}}", "receivers: [[]]", "route: !!python/x y"])
def test_other_shapes_are_refused_in_words(include, text):
    assert refused(include, f"{text}\n")


def test_thousands_of_routes_are_checked_in_seconds(include):
    routes = "".join(f"  - {{matchers: [team=team-{number}], receiver: us}}\n" for number in range(3_000))
    include.write("alerting.yaml", f"route:\n  receiver: us\n  routes:\n{routes}{SOUND}".encode())
    begun = perf_counter()
    assert include.told() == []
    assert perf_counter() - begun < 60


def test_an_expression_made_to_be_slow_is_not(include):
    include.write("alerting.yaml", f"route: {{receiver: us, routes: [{{match_re: {{a: '(x+x+)+y'}}}}]}}\n{SOUND}")
    [matcher] = load_alerting(include.path, {}).route.routes[0].all_matchers
    begun = perf_counter()
    assert not matcher.matches_value("x" * 100_000)
    assert perf_counter() - begun < 2
