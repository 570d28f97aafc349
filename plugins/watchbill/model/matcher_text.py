"""Reads matchers: text from the YAML or a command line in, `Matcher` out.

Alertmanager has two grammars. `parse_matchers` does what its default (fallback) mode does: the classic
one decides wherever it can read the input, else the UTF-8 one.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from watchbill.model.matchers import BLANKS, OPS, RESERVED, Matcher


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """`severity="critical", team=~"a|b"`, in braces or not. Raises ValueError."""
    try:
        return parse_classic(text)
    except ValueError as classic:
        try:
            return parse_utf8(text)
        except ValueError:
            raise classic from None


# The classic grammar: pkg/labels/parse.go.

_CLASSIC = re.compile(  # `\s` of RE2 knows no vertical tab
    r"[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*(.*?)[\t\n\f\r ]*", re.DOTALL)


def parse_classic(text: str) -> tuple[Matcher, ...]:
    """Raises ValueError, also for text that is not UTF-8."""
    text.encode()
    return tuple(map(parse_classic_one, _split(text.removeprefix("{").removesuffix("}"))))


def _split(text: str) -> list[str]:
    """At the commas outside quotes; an empty end counts for nothing."""
    parts, token, inside, escaped = [], "", False, False
    for sign in text:
        if sign == "," and not inside:
            parts.append(token)
            token = ""
            continue
        if sign == '"' and not escaped:
            inside = not inside
        escaped = sign == "\\" and not escaped if sign != "," else escaped
        token += sign
    return [*parts, token.strip(BLANKS)] if token.strip(BLANKS) else parts


def parse_classic_one(text: str) -> Matcher:
    found = _CLASSIC.fullmatch(text)
    if found is None:
        raise ValueError(f'bad matcher format: {text!r}; write for example severity="critical"')
    name, op, raw = found.groups()
    return Matcher(name, next(known for known in OPS if known == op), _unescape(raw))


def _unescape(raw: str) -> str:
    quoted = raw.startswith('"')
    body, out, at = raw.removeprefix('"'), "", 0
    while at < len(body):
        sign, last = body[at], at == len(body) - 1
        if sign == "\\" and not last:
            at += 1
            out += {"n": "\n", '"': '"', "\\": "\\"}.get(body[at], "\\" + body[at])
        elif sign == '"':
            if not quoted or not last:
                raise ValueError(f"matcher value contains unescaped double quote: {raw}")
            return out
        else:
            out += sign
        at += 1
    if quoted:
        raise ValueError(f"matcher value contains unescaped double quote: {raw}")
    return out


# The UTF-8 grammar: matcher/parse.


class _Token(NamedTuple):
    kind: Literal["brace", "comma", "op", "word", "end"]
    text: str


_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPE = re.compile(
    r"""\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.)|$)""",
    re.DOTALL,
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        sign = text[at]
        if sign in BLANKS:
            at += 1
            continue
        token, at = _scan(text, at)
        yield token
    yield _Token("end", "")


def _scan(text: str, at: int) -> tuple[_Token, int]:
    sign = text[at]
    if sign in "{}":
        return _Token("brace", sign), at + 1
    if sign == ",":
        return _Token("comma", sign), at + 1
    if sign in "=!":
        op = text[at:at + 2] if text[at:at + 2] in OPS else sign
        if op == "!":
            raise ValueError(f"{text!r}: expected = or ~ after !")
        return _Token("op", op), at + len(op)
    if sign == '"':
        found = _QUOTED.match(text, at)
        if found is None:
            raise ValueError(f"{text!r}: a quote is not closed")
        return _Token("word", unquote(found[0])), found.end()
    end = next((i for i in range(at, len(text)) if text[i] in BLANKS or text[i] in RESERVED), len(text))
    if end == at:
        raise ValueError(f"{text!r}: {sign!r} must be quoted")
    return _Token("word", text[at:end]), end


def unquote(quoted: str) -> str:
    """Go's strconv.Unquote for double quotes; what comes out must be UTF-8."""
    if "\n" in quoted:
        raise ValueError(f"{quoted!r}: write \\n for a line break")
    out, at, body = b"", 0, quoted[1:-1]
    for found in _ESCAPE.finditer(body):
        plain, byte, octal, short, long, unknown = found.groups()
        if unknown is not None or not any(found.groups()):
            raise ValueError(f"{quoted}: {found[0]} is no escape; write \\\\ for a backslash")
        out += body[at:found.start()].encode()
        out += _PLAIN[plain].encode() if plain else _number(byte, octal, short or long)
        at = found.end()
    try:
        return (out + body[at:].encode()).decode()
    except UnicodeDecodeError:
        raise ValueError(f"{quoted} is not valid UTF-8") from None


def _number(byte: str | None, octal: str | None, point: str | None) -> bytes:
    if point:
        code = int(point, 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise ValueError(f"U+{point} is no character")
        return chr(code).encode()
    code = int(byte, 16) if byte else int(octal or "", 8)
    if code > 0xFF:
        raise ValueError(f"\\{octal} is no byte")
    return bytes([code])


def parse_utf8(text: str) -> tuple[Matcher, ...]:
    """Raises ValueError, also for text that is not UTF-8."""
    text.encode()
    tokens = list(_tokens(text))
    opened = tokens[0].text == "{" and tokens[0].kind == "brace"
    at, out = int(opened), list[Matcher]()
    while tokens[at].kind == "word":
        name, op, value = tokens[at], tokens[at + 1], tokens[min(at + 2, len(tokens) - 1)]
        if op.kind != "op" or value.kind != "word":
            raise ValueError(f'{text!r}: expected an operator and a value after {name.text!r}')
        if not name.text:
            raise ValueError(f"{text!r}: a label has no name")
        out.append(Matcher(name.text, next(known for known in OPS if known == op.text), value.text))
        at += 3
        if tokens[at].kind != "comma":
            break
        at += 1
    if opened and tokens[at] != ("brace", "}"):
        raise ValueError(f"{text!r}: expected a comma or the closing brace")
    if tokens[at + int(opened)].kind != "end":
        raise ValueError(f"{text!r}: expected a comma, a matcher or the end")
    return tuple(out)
