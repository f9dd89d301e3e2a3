"""Prompts come from files and folders in the shape that the model needs."""

import json

import pytest
from datasets import Dataset, DatasetDict

from otb_trl import OTBError
from otb_trl.prompts import load_prompts
from otb_trl.run_config import DatasetConfig

rows = [{"question": "1 + 1", "answer": "2", "level": 1}, {"question": "2 + 2", "answer": "4", "level": 2}]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    return tmp_path


def load(path="data.jsonl", is_chat=False, needs_answer=False, **given):
    return load_prompts(DatasetConfig(path, **{"prompt": "question", **given}), is_chat, needs_answer)


def write(name, text):
    with open(name, "w", encoding="utf-8") as opened:
        opened.write(text)


@pytest.mark.parametrize("kind", ["jsonl", "json", "json of lines", "csv", "parquet", "folder", "folder of splits"])
def test_files_and_folders_of_every_kind_give_the_same_rows(kind, folder):
    name, data = f"data.{kind.split()[0]}", Dataset.from_list(rows)
    if kind == "json":
        write(name, json.dumps(rows))
    elif kind in ("jsonl", "json of lines"):
        write(name, "".join(f"{json.dumps(row)}\n" for row in rows) + "\n")
    elif kind == "csv":
        write(name, "question,answer,level\n1 + 1,2,1\n2 + 2,4,2\n")
    elif kind == "parquet":
        data.to_parquet(name)
    else:
        name = "data"
        (data if kind == "folder" else DatasetDict(train=data)).save_to_disk(name)
    found = load(name)
    assert found["prompt"] == ["1 + 1", "2 + 2"]
    assert [str(answer) for answer in found["answer"]] == ["2", "4"]
    assert found["level"] == [1, 2]
    assert sorted(found.column_names) == ["answer", "level", "prompt"]


def test_a_model_that_chats_gets_messages_and_another_gets_a_text():
    write("data.jsonl", json.dumps(rows[0]))
    system, user = {"role": "system", "content": "Be brief."}, {"role": "user", "content": "1 + 1"}
    assert load(is_chat=True)["prompt"][0] == [user]
    assert load(is_chat=True, system="Be brief.")["prompt"][0] == [system, user]
    assert load(system="Be brief.")["prompt"][0] == "Be brief.\n\n1 + 1"
    write("data.jsonl", json.dumps({"question": [user]}))
    assert load(is_chat=True, system="Be brief.")["prompt"][0] == [system, user]
    with pytest.raises(OTBError, match="has conversations, and the tokenizer has no chat template"):
        load()


def test_columns_get_the_names_that_rewards_know():
    write("data.jsonl", json.dumps({"question": "1 + 1", "prompt": "old", "solution": "2", "completions": "x"}))
    found = load(answer="solution")
    assert found[0] == {"prompt": "1 + 1", "answer": "2"}


@pytest.mark.parametrize(("prompt", "answer"), [("answer", "prompt"), ("prompt", "prompt"), ("answer", "answer"), ("answer", "question")])
def test_a_column_may_be_both_and_have_the_name_of_another(prompt, answer):
    row = {"prompt": "of prompt", "answer": "of answer", "question": "of question"}
    write("data.jsonl", json.dumps(row))
    found = load(prompt=prompt, answer=answer, needs_answer=True)[0]
    assert (found["prompt"], found["answer"]) == (row[prompt], row[answer])


def test_the_answer_may_be_absent_unless_a_reward_reads_it():
    write("data.jsonl", json.dumps({"question": "1 + 1"}))
    assert load().column_names == ["prompt"]
    with pytest.raises(OTBError, match='data.jsonl has no column "answer". Its columns are question: name one as "answer" in "dataset".'):
        load(needs_answer=True)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("data.jsonl", "", "data.jsonl has no rows."),
        ("data.jsonl", '{"question": "a"}\n{"question', "Line 2 of data.jsonl is no JSON: Unterminated string"),
        ("data.jsonl", "[1]\n", "Line 1 of data.jsonl is no object."),
        ("data.jsonl", '{"question": 7}\n', 'Row 1 of data.jsonl has no text in the column "question".'),
        ("data.jsonl", '{"question": "a", "x": 1}\n{"question": "b", "x": "y"}\n', "data.jsonl cannot be read as .jsonl:"),
        ("data.jsonl", '{"question": "a", "x": 1%s}\n' % ("0" * 30), "data.jsonl cannot be read as .jsonl: Python int too large"),
        ("data.jsonl", '{"question": "a", "x": 1%s}\n' % ("0" * 5000), "Line 1 of data.jsonl cannot be read: Exceeds the limit"),
        ("data.jsonl", '{"question": %s}\n' % ("[" * 100_000), "Line 1 of data.jsonl cannot be read: maximum recursion depth"),
        ("data.jsonl", '{"question": "\\ud800"}\n', "data.jsonl cannot be read as .jsonl: 'utf-8' codec can't encode"),
        ("data.jsonl", '{"question": "a"}\n{"question": " "}\n', 'Row 2 of data.jsonl is empty in the column "question". Take the row out.'),
        ("data.json", "{", "data.json is no JSON:"),
        ("data.json", "[" * 100_000, "data.json is nested too deeply."),
        ("data.json", "7", "data.json is not an array of objects."),
        ("data.csv", "question,question\n1,2\n", 'data.csv has more than one column "question". Give each a name of its own.'),
        ("data.csv", "question\n1,2\n", "data.csv cannot be read as .csv:"),
        ("data.parquet", "no", "data.parquet cannot be read as .parquet:"),
    ],
)
def test_files_that_are_not_what_they_seem(name, text, sentence):
    write(name, text)
    with pytest.raises(OTBError) as caught:
        load(name)
    assert sentence in str(caught.value)


def test_splits_are_named_where_there_are_some():
    DatasetDict(train=Dataset.from_list(rows), dev=Dataset.from_list(rows[:1])).save_to_disk("data")
    assert len(load("data", split="dev")) == 1
    with pytest.raises(OTBError, match='data has no split "test". Write one of train, dev as "split" in "dataset".'):
        load("data", split="test")
    write("data.jsonl", json.dumps(rows[0]))
    with pytest.raises(OTBError, match='data.jsonl is one file, which has no split "dev". Leave "split" out.'):
        load(split="dev")
