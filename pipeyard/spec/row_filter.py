"""
The language of `filter`: `col("temperature") > 32 and col("location") == "UK"`.

In:       a text.
Out:      a `Filter`, or a `Problem` with the offsets of what is wrong.
Not here: reading rows.

It has the form of Python's expressions, so Python's own grammar reads it; nothing is
ever executed. What is not listed here is refused, so that a filter means the same
wherever it is carried out.
"""

from __future__ import annotations

import ast

from pipeyard.model.table import Column, Constant, Filter, FilterPart, Operation
from pipeyard.spec.binding import Problem

_LENGTH_MAX = 10_000
_EXPECTED = 'comparisons of `col("name")` joined by `and`, `or` and `not`'

_COMPARISONS: dict[type, str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_BINARY: dict[type, str] = {
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
}
_UNARY: dict[type, str] = {ast.Not: "not", ast.Invert: "not", ast.USub: "negative"}
_CONDITIONS = frozenset({"and", "or", "not", "in", "null", *_COMPARISONS.values()})


def parse_filter(text: str) -> Filter | Problem:
    """Return the condition in a text."""
    if len(text) > _LENGTH_MAX:
        return Problem("bad-filter", f"this filter has {len(text)} characters", 0, 0, f"at most {_LENGTH_MAX}")
    # Blanks in front would count as an indent.
    stripped = text.lstrip()
    shift = len(text) - len(stripped)
    try:
        tree = ast.parse(stripped, mode="eval")
        condition = _part(tree.body)
    except _NotAllowedError as error:
        start, end = _stretch(stripped, error.node)
        return Problem("bad-filter", error.message, shift + start, shift + end, _EXPECTED, hint=error.hint)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # Where it ends being Python differs from one version of Python to the next.
        return Problem("bad-filter", "this filter cannot be read", 0, len(text), _EXPECTED)
    if isinstance(condition, Operation) and condition.operator in _CONDITIONS:
        return Filter(condition, text)
    return Problem("bad-filter", "this filter says neither yes nor no of a row", 0, len(text), _EXPECTED)


class _NotAllowedError(Exception):
    def __init__(self, node: ast.AST, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.node = node
        self.message = message
        self.hint = hint


def _part(node: ast.expr) -> FilterPart:
    match node:
        case ast.Call(func=ast.Name(id="col"), args=[ast.Constant(value=str() as name)], keywords=[]):
            return Column(name)
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return Constant(value)
        case ast.BoolOp(op=operator, values=values):
            return Operation("and" if isinstance(operator, ast.And) else "or", tuple(map(_part, values)))
        case ast.UnaryOp(op=operator, operand=operand) if type(operator) in _UNARY:
            return Operation(_UNARY[type(operator)], (_part(operand),))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
            return Operation(_BINARY[type(operator)], (_part(left), _part(right)))
        case ast.Compare(left=left, ops=operators, comparators=others):
            return _comparison([left, *others], operators)
        case ast.Name(id=name):
            raise _NotAllowedError(node, f"a filter does not know `{name}`", f'a column is written `col("{name}")`')
        case _:
            raise _NotAllowedError(node, f"a filter cannot hold `{_shown(node)}`")


def _comparison(sides: list[ast.expr], operators: list[ast.cmpop]) -> Operation:
    # `1 < col("x") < 5` is two comparisons.
    found = [_compared(sides[index], operator, sides[index + 1]) for index, operator in enumerate(operators)]
    return found[0] if len(found) == 1 else Operation("and", tuple(found))


def _compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Operation:
    if isinstance(operator, ast.In | ast.NotIn):
        if not isinstance(right, ast.List | ast.Tuple | ast.Set):
            raise _NotAllowedError(right, "`in` takes a list of values", "write it as `in [1, 2]`")
        found = Operation("in", (_part(left), *map(_part, right.elts)))
        return Operation("not", (found,)) if isinstance(operator, ast.NotIn) else found
    is_nothing = isinstance(right, ast.Constant) and right.value is None
    if is_nothing and isinstance(operator, ast.Is | ast.Eq):
        return Operation("null", (_part(left),))
    if is_nothing and isinstance(operator, ast.IsNot | ast.NotEq):
        return Operation("not", (Operation("null", (_part(left),)),))
    if type(operator) not in _COMPARISONS:
        raise _NotAllowedError(right, "`is` compares with `None` only", "write `==`")
    return Operation(_COMPARISONS[type(operator)], (_part(left), _part(right)))


def _shown(node: ast.AST) -> str:
    shown = ast.unparse(node)
    return shown if len(shown) <= 60 else shown[:57] + "..."  # noqa: PLR2004 - fits on a line


def _stretch(text: str, node: ast.AST) -> tuple[int, int]:
    """Return where a part stands in the text; the grammar counts lines, and bytes within them."""
    if not isinstance(node, ast.expr) or node.end_lineno is None or node.end_col_offset is None:
        return 0, 0
    lines = text.splitlines(keepends=True)

    def at(line: int, column: int) -> int:
        before = sum(map(len, lines[: line - 1]))
        return before + len(lines[line - 1].encode()[:column].decode(errors="replace"))

    return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)
