"""A series' key is the same for ever: points of years ago are found by it."""

import json
from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from watchbill.model.series import Series


def test_keys_stay_what_they_were() -> None:
    checkout = Series("cloudwatch", "123456789012", "eu-west-1", "shop", "errors", "Sum", 60,
                      (("service", "checkout"),))
    odd = Series("datadog", "a", "b", "ö\x7f\n", '"\\/', "p99", 1, (("日本", "\u2028"),))
    assert (checkout.key, odd.key) == (1483714970915278987, 3403366156564208886)


@given(st.text(), st.text(st.characters(max_codepoint=127)), st.integers(1, 10**6))
def test_a_key_is_of_the_words_as_json_writes_them(name: str, value: str, period_s: int) -> None:
    series = Series("cloudwatch", value, "eu-west-1", name, value, "Sum", period_s, ((value, name), ("a", value)))
    words = [series.source, series.account, series.region, series.namespace, series.metric, series.statistic,
             series.period_s, series.dimensions]
    text = json.dumps(words, separators=(",", ":")).encode()
    assert series.key == int.from_bytes(blake2b(text, digest_size=8).digest()) >> 1


def test_half_of_a_surrogate_pair_has_a_key_too() -> None:
    assert Series("datadog", "a", "b", "c", "\ud800", "Sum", 60).key > 0
