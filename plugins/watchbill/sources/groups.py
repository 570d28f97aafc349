"""Which groups of an answer are kept: a query's `sift` -> a test of dimensions."""

from collections.abc import Callable, Mapping

from watchbill.model.metrics import dimension_matcher
from watchbill.sources.request import Query

Fits = Callable[[Mapping[str, str]], bool]


def sifted(query: Query) -> Fits:
    """Whether all of `sift` hold; a dimension that is not there counts as empty. Raises ValueError."""
    matchers = [dimension_matcher(name, value) for name, value in query.sift]
    return lambda dimensions: all(one.matches(dimensions) for one in matchers)
