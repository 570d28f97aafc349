import pytest

from watchbill.cli.printing import counted


@pytest.mark.parametrize(("count", "noun", "said"), [
    (1, "day", "1 day"), (2, "day", "2 days"), (0, "entry", "0 entries"), (3, "query", "3 queries"),
])
def test_nouns_agree_with_their_number(count: int, noun: str, said: str) -> None:
    assert counted(count, noun) == said
