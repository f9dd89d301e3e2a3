"""Tools: a calculator that computes and does nothing else, and the user's own functions, which have to describe themselves."""

import pytest
from transformers.utils import get_json_schema

from otb_trl import OTBError
from otb_trl.tools import calculator, load_tools


@pytest.mark.parametrize(
    ("expression", "value"),
    [("(3 + 4) * 12", "84"), ("7 / 2", "3.5"), ("6 / 2", "3"), ("-2 ** 2", "-4"), ("7 // 2 % 2", "1"), (" 1e3 ", "1000"), ("2 ** 100", str(2**100))],
)
def test_the_calculator_computes(expression, value):
    assert calculator(expression) == value


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("1 / 0", "division by zero"),
        ("9 ** 9 ** 9", "the value is too large"),
        ("9.0 ** 999", "the value is too large"),
        ("0.5 ** -9999", "the value is too large"),
        ("(-8) ** 0.5", "the value is no real number"),
        ("1 +", "this is no arithmetic expression"),
        ("1\0", "this is no arithmetic expression"),
        ("", "this is no arithmetic expression"),
        ("(" * 150, "this is no arithmetic expression"),
        ("__import__('os').system('true')", "only numbers, parentheses and the operators"),
        ("'a' * 9", "only numbers, parentheses and the operators"),
        ("True + 1", "only numbers, parentheses and the operators"),
        ("x + 1", "only numbers, parentheses and the operators"),
        ("1 << 99", "only numbers, parentheses and the operators"),
        ("1" * 201, "a text of at most 200 characters"),
        (7, "a text of at most 200 characters"),
    ],
)
def test_the_calculator_tells_the_model_what_it_cannot_do(expression, said):
    with pytest.raises(ValueError, match=said):
        calculator(expression)


def test_the_calculator_is_described_to_the_model():
    described = get_json_schema(calculator)["function"]
    assert described["parameters"]["required"] == ["expression"]
    assert "parentheses" in described["parameters"]["properties"]["expression"]["description"]


def test_a_tool_of_the_users_needs_type_hints_and_a_docstring(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(
        'def search(query: str) -> str:\n    """Searches.\n\n    Args:\n        query: What for.\n    """\n    return query\n\n'
        "def bare(query):\n    return query\n"
    )
    named, own = load_tools(["calculator", "mine.py:search"])
    assert named is calculator and own("x") == "x"
    with pytest.raises(OTBError, match="The tool mine.py:bare cannot be described to the model: .* Give each argument a type hint"):
        load_tools(["mine.py:bare"])
    with pytest.raises(OTBError, match='"tools" names calculate. Write calculator, or "file.py:function".'):
        load_tools(["calculate"])
