"""Second step of a Go template: pieces in, a tree of nodes out.

The nodes are those of https://pkg.go.dev/text/template/parse, as far as templates of Alertmanager use them.
"""

from dataclasses import dataclass, field

from watchbill.model.matcher_text import unquote
from watchbill.model.templates.go_lexer import Action, Piece, TemplateError, Token, pieces, words

KEYWORDS = ("if", "else", "end", "range", "with", "define", "template", "block", "break", "continue")


@dataclass(frozen=True)
class Literal:
    """Text, a number, true, false or nil."""

    value: str | int | float | bool | None


@dataclass(frozen=True)
class Name:
    """The dot, a variable (`$x`, `$` is the root), a function."""

    name: str


@dataclass(frozen=True)
class Chain:
    """`.A.B`, `$x.A`, `(…).A`: fields of what stands before them."""

    of: "Operand"
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Pipe:
    """Commands that hand their result on; `names` are the variables that take it."""

    commands: tuple[tuple["Operand", ...], ...]
    line: int
    names: tuple[str, ...] = ()
    declares: bool = False
    written: str = ""


Operand = Literal | Name | Chain | Pipe


@dataclass(frozen=True)
class Output:
    pipe: Pipe


@dataclass(frozen=True)
class Call:
    """`{{ template "name" . }}`"""

    name: str
    argument: Pipe | None
    line: int


@dataclass(frozen=True)
class Leave:
    """break or continue"""

    word: str


@dataclass
class Block:
    """if, range or with."""

    word: str
    pipe: Pipe
    body: "list[Node]" = field(default_factory=list)
    otherwise: "list[Node]" = field(default_factory=list)


Node = str | Output | Call | Leave | Block


@dataclass(frozen=True)
class Parsed:
    """A template and those that it defines."""

    nodes: list[Node]
    defined: dict[str, list[Node]]


def parse(text: str) -> Parsed:
    """Raises TemplateError with the line."""
    parser = _Parser(pieces(text))
    nodes, _, ended = parser.nodes(())
    if ended:
        raise TemplateError(f"{{{{ {ended} }}}} belongs to nothing", parser.line)
    return Parsed(nodes, parser.defined)


class _Parser:
    def __init__(self, found: list[Piece]) -> None:
        self._left = found[::-1]
        self.defined: dict[str, list[Node]] = {}
        self.line = 1

    def nodes(self, until: tuple[str, ...]) -> tuple[list[Node], Action | None, str]:
        """Up to one of the words of `until`, which is handed back."""
        found: list[Node] = []
        while self._left:
            piece = self._left.pop()
            if isinstance(piece, str):
                found.append(piece)
                continue
            self.line = piece.line
            word = piece.tokens[0].text if piece.tokens and piece.tokens[0].kind == "word" else ""
            if word in ("end", "else"):
                return found, piece, word
            found += self._node(word, piece)
        if until:
            raise TemplateError("{{ end }} is missing", self.line)
        return found, None, ""

    def _node(self, word: str, action: Action) -> list[Node]:
        rest = action.tokens[1:]
        if word in ("if", "range", "with"):
            return [self._block(word, rest, action.line)]
        if word in ("define", "block"):
            name, after = _named(word, rest, action.line)
            begun, (body, _, ended) = action.line, self.nodes(("end",))
            if ended != "end":
                raise TemplateError(f"{{{{ {word} }}}} has no else", begun)
            self.defined[name] = body
            return [] if word == "define" else [Call(name, _pipe(after, begun), begun)]
        if word == "template":
            name, after = _named(word, rest, action.line)
            return [Call(name, _pipe(after, action.line) if after else None, action.line)]
        if word in ("break", "continue"):
            return [Leave(word)]
        return [Output(_pipe(action.tokens, action.line))]

    def _block(self, word: str, tokens: tuple[Token, ...], line: int) -> Block:
        block = Block(word, _pipe(tokens, line))
        block.body, action, ended = self.nodes(("end", "else"))
        if ended == "else" and action:
            after = action.tokens[1:]
            if after and after[0].text in ("if", "with"):  # `else if` needs no end of its own
                block.otherwise = [self._block(after[0].text, after[1:], action.line)]
                return block
            block.otherwise, _, ended = self.nodes(("end",))
            if ended != "end":
                raise TemplateError("a second {{ else }}", self.line)
        return block


def _named(word: str, tokens: tuple[Token, ...], line: int) -> tuple[str, tuple[Token, ...]]:
    if not tokens or tokens[0].kind not in ("text", "raw"):
        raise TemplateError(f'{{{{ {word} }}}} needs a name in quotes', line)
    return str(_literal(tokens[0], line).value), tokens[1:]


def _pipe(tokens: tuple[Token, ...], line: int) -> Pipe:
    reader = _Operands(tokens, line)
    pipe = reader.pipe()
    if reader.left():
        raise TemplateError(f"{reader.left()[0].text!r} is one too many", line)
    return pipe


class _Operands:
    """Reads one action from left to right."""

    def __init__(self, tokens: tuple[Token, ...], line: int) -> None:
        self._tokens, self._at, self._line = tokens, 0, line

    def left(self) -> tuple[Token, ...]:
        return self._tokens[self._at:]

    def pipe(self) -> Pipe:
        begun = self._at
        names, declares = self._names()
        commands = [self._command()]
        while self._take("|"):
            commands.append(self._command())
        written = "".join(words(self._tokens[begun:self._at])).strip()
        return Pipe(tuple(commands), self._line, names, declares, written)

    def _names(self) -> tuple[tuple[str, ...], bool]:
        found, at = list[str](), self._at
        while at < len(self._tokens) and self._tokens[at].kind == "variable":
            found.append(self._tokens[at].text)
            at += 1
            sign = self._tokens[at].text if at < len(self._tokens) else ""
            if sign in (":=", "="):
                self._at = at + 1
                return tuple(found), sign == ":="
            if sign != ",":
                break
            at += 1
        return (), False

    def _command(self) -> tuple[Operand, ...]:
        found: list[Operand] = []
        while self.left() and self.left()[0].text not in ("|", ")"):
            found.append(self._operand())
        if not found:
            raise TemplateError("something is missing in an action", self._line)
        return tuple(found)

    def _operand(self) -> Operand:
        token = self.left()[0]
        self._at += 1
        of = self._start(token)
        fields = [token.text[1:]] if token.kind == "field" else []
        while self.left() and self.left()[0].kind == "field" and self.left()[0].glued:
            fields.append(self.left()[0].text[1:])
            self._at += 1
        return Chain(of, tuple(fields)) if fields else of

    def _start(self, token: Token) -> Operand:
        if token.kind == "mark" and token.text == "(":
            inner = self.pipe()
            if not self._take(")"):
                raise TemplateError("a parenthesis is not closed", self._line)
            return inner
        if token.kind == "field" or token.text == ".":
            return Name(".")
        if token.kind == "variable" or (token.kind == "word" and token.text not in ("true", "false", "nil")):
            return Name(token.text)
        return _literal(token, self._line)

    def _take(self, mark: str) -> bool:
        if self.left() and self.left()[0].kind == "mark" and self.left()[0].text == mark:
            self._at += 1
            return True
        return False


def _literal(token: Token, line: int) -> Literal:
    if token.kind == "raw":
        return Literal(token.text[1:-1])
    if token.kind in ("text", "sign"):
        return Literal(_quoted(token, line))
    if token.kind == "number":
        return Literal(_number(token.text, line))
    if token.text in ("true", "false", "nil"):
        return Literal({"true": True, "false": False, "nil": None}[token.text])
    raise TemplateError(f"{token.text!r} cannot stand here", line)


def _quoted(token: Token, line: int) -> str | int:
    """Text; what stands in single quotes is one character, and a number to Go."""
    try:
        said = unquote(f'"{token.text[1:-1]}"')
    except ValueError as error:
        raise TemplateError(str(error), line) from None
    if token.kind == "text":
        return said
    if len(said) != 1:
        raise TemplateError(f"{token.text} is not one character", line, "put text in double quotes")
    return ord(said)


def _number(text: str, line: int) -> int | float:
    try:
        return int(text, 0)
    except ValueError:
        if text.lstrip("+-").isdigit():
            raise TemplateError(f"{text} begins with a zero", line) from None
        return float(text)
