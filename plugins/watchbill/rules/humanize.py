"""Numbers for people."""

from functools import lru_cache

_SI = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@lru_cache(maxsize=4096)
def humanize(value: float | str | None) -> str:
    """Four significant digits with k, M, G or T, as Prometheus' filter of this name; `no data` for None."""
    if value is None:
        return "no data"
    if isinstance(value, str):  # two thresholds
        return value
    for size, sign in _SI:
        if abs(value) >= size:
            return f"{value / size:.4g}{sign}"
    return f"{value:.4g}"
