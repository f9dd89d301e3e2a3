"""Tools that a model may call: named ones, and functions of the user's."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from typing import Any

from transformers.utils import get_json_schema

from .errors import OTBError, said
from .user_code import is_file_name, load_function

_operators: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_longest, _most_bits = 200, 512


def calculator(expression: str) -> str:
    """
    Computes the value of an arithmetic expression.

    Args:
        expression: Numbers, parentheses and the operators + - * / // % **, such as "(3 + 4) * 12".

    Returns:
        The value.
    """
    # What is raised here reaches the model as {"error": …}, and TRL counts it in tools/failure_frequency.
    if not isinstance(expression, str) or len(expression) > _longest:
        raise ValueError(f"the expression must be a text of at most {_longest} characters")
    try:
        value = _value(ast.parse(expression.strip(), mode="eval").body)
    except ZeroDivisionError:
        raise ValueError("division by zero") from None
    except OverflowError:
        raise ValueError("the value is too large") from None
    except (SyntaxError, RecursionError, MemoryError):
        raise ValueError("this is no arithmetic expression") from None
    if isinstance(value, complex):
        raise ValueError("the value is no real number")
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def _value(node: ast.AST) -> Any:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) in _operators:
        return _operators[type(node.op)](_value(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in _operators:
        left, right = _value(node.left), _value(node.right)
        # Before it is computed: 9**9**9 would take all memory there is.
        if isinstance(node.op, ast.Pow) and _bits(left) * abs(right) > _most_bits:
            raise OverflowError
        result = _operators[type(node.op)](left, right)
        if _bits(result) > _most_bits:
            raise OverflowError
        return result
    raise ValueError("only numbers, parentheses and the operators + - * / // % ** are allowed")


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 1


named = {"calculator": calculator}


def load_tools(names: Sequence[str]) -> list[Callable[..., Any]]:
    """Named tools and the user's own. Raises OTBError for a name that is none, and where TRL could not describe a function to the model."""
    return [named[name] if name in named else _own(name) for name in names]


def _own(name: str) -> Callable[..., Any]:
    if not is_file_name(name):
        raise OTBError(f'"tools" names {name}. Write {", ".join(named)}, or "file.py:function".')
    tool = load_function(name, "tools")
    try:
        get_json_schema(tool)
    except Exception as error:
        raise OTBError(
            f"The tool {name} cannot be described to the model: {said(error)}. Give each argument a type hint, and the function a docstring "
            "with a description and a section Args: that describes each argument."
        ) from error
    return tool
