"""Units as the API shows them, for those that the sandbox uses; an unknown name is shown as it is."""

from typing import Any

_UNITS = {  # name: family, id, plural, short name, scale
    "byte": ("bytes", 2, "bytes", "B", 1),
    "percent": ("percentage", 17, "percent", "%", 1),
    "fraction": ("percentage", 18, "fractions", "fraction", 100),
    "second": ("time", 11, "seconds", "s", 1),
    "millisecond": ("time", 10, "milliseconds", "ms", 0.001),
    "request": ("network", 19, "requests", "req", 1),
    "error": ("system", 41, "errors", "err", 1),
    "core": ("cpu", 103, "cores", "core", 1),
}


def unit(name: str | None) -> list[dict[str, Any] | None] | None:
    """`[unit, per unit]`, or null for a metric without; `byte/second` has both."""
    if name is None:
        return None
    over, _, under = name.partition("/")
    return [_shown(over), _shown(under) if under else None]


def _shown(name: str) -> dict[str, Any]:
    family, number, plural, short, scale = _UNITS.get(name, ("general", 0, f"{name}s", name, 1))
    return {
        "family": family,
        "id": number,
        "name": name,
        "plural": plural,
        "scale_factor": scale,
        "short_name": short,
    }
