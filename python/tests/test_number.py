"""The reward "number" compares the last number of a response with the last of the answer, exactly."""

from fractions import Fraction

import pytest

from otb_trl.number import last_number, number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("She has 3 + 4 = 7 apples.", 7),
        ("The total is 1,234", 1234),
        ("1,234,567.50 dollars", Fraction("1234567.5")),
        ("in 2,34 there are two numbers", 34),
        ("<<3*4=12>>12\n#### 42", 42),
        (r"so \boxed{42}, checked in 3 ways", 42),
        (r"\boxed{x = \frac{3}{4}}", Fraction(3, 4)),
        (r"\boxed{1} and then \boxed{2}", 2),
        ("-5", -5),
        ("it is −5", -5),
        ("10-5", 5),
        ("x = -$3.20.", Fraction("-3.2")),
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("3/4", Fraction(3, 4)),
        ("7/0", None),
        ("6.02e23", 602 * 10**21),
        ("1e-3", Fraction(1, 1000)),
        ("50%", 50),
        ("5.", 5),
        ("٣", 3),
        ("no number", None),
        ("", None),
    ],
)
def test_the_last_number_of_a_text(text, value):
    assert last_number(text) == value


def test_what_an_untrained_model_writes_costs_no_time():
    for noise in ("9" * 100_000, "1e999999999", "1," * 50_000, "\\boxed{" * 20_000, "{" * 50_000, "-" * 50_000, "\\frac{1" * 10_000):
        last_number(noise)


def test_a_response_is_right_or_wrong_and_not_judged_without_a_number_to_compare_with():
    assert number(["It is 7.0", "It is 8", "No idea", "7"], answer=["#### 7", 7, "7", "seven"]) == [1.0, 0.0, 0.0, None]


def test_of_a_conversation_the_last_word_of_the_model_counts():
    said = [
        {"role": "assistant", "content": "12", "tool_calls": []},
        {"role": "tool", "name": "calculator", "content": "13"},
        {"role": "assistant", "content": "So it is 14."},
    ]
    assert number([said, said[:1], []], answer=["14", "14", "14"]) == [1.0, 0.0, 0.0]
