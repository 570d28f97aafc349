import pytest

from watchbill.declare.rule_tests import expanded, labels_of


@pytest.mark.parametrize(("text", "values"), [
    ("1 2.5 _ -3", [1, 2.5, None, -3]), ("0+10x3", [0, 10, 20, 30]), ("100-50x2", [100, 50, 0]), ("4x2", [4, 4, 4]),
    ("_x3 stale 1", [None, None, None, None, 1]), ("-2+1x2", [-2, -1, 0]), ("1e3 inf", [1000, float("inf")]),
    ("-Inf", [-float("inf")]), ("", []), ("0+1x0", [0]),
])
def test_values_are_written_as_in_promtool(text, values):
    assert list(expanded(text)) == values


@pytest.mark.parametrize("text", ["x", "1xx", "1x", "1+x3", "_x", "1,2", "1 x3", "9x200000"])
def test_what_are_no_values_is_refused(text):
    with pytest.raises(ValueError, match=r"are no values|has more than"):
        list(expanded(text))


def test_a_series_has_a_name_and_labels():
    assert labels_of('up') == ("up", {})
    assert labels_of(r'disk.used {path="C:\\",host="a\"b,c"}') == ("disk.used", {"path": "C:\\", "host": 'a"b,c'})


@pytest.mark.parametrize("text", ["", "{}", "a{b}", "a{b=c}", 'a{b="c"', 'a{b="c" d="e"}'])
def test_what_is_no_series_is_refused(text):
    with pytest.raises(ValueError, match="is no"):
        labels_of(text)
