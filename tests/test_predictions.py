"""Predictions: questions in words, choices that lock, and what is said when it came out."""

import io
import tomllib

import numpy as np
import pytest
from looking import read
from PIL import Image

import helpers
from helpers import kernel
from helpers.kernel import Cell
from helpers.practice import questions, sketches
from helpers.practice.predict import Prediction
from helpers.practice.questions import FOLDER, Question, find_question, read_words, told

PHRASES = read_words().phrases
CURVES = {"falls": [[1, 0.5, 0.2]], "turns": [[1, 0.4, 0.2], [1, 0.3, 0.8]]}
CURVE = Question(
    "curve", "What does `fit` do?", "It is so.", {"falls": "It falls", "turns": "It turns"}, CURVES
)
NUMBER = Question(
    "number", "How many?", "It counts.", numbers=(100, 1000, 50_000), unit="epochs", digits=0
)


def ask(question):
    return Prediction(question, PHRASES)


def say(prediction, answer):
    prediction.choices[answer].value = answer
    prediction.commit.click()


def test_nothing_is_chosen_before_the_learner_does():
    prediction = ask(CURVE)
    assert {choice.value for choice in prediction.choices.values()} == {None}
    assert prediction.said is None
    assert prediction.commit.disabled


def test_a_choice_can_be_changed_until_it_is_locked():
    prediction = ask(CURVE)
    prediction.choices["falls"].value = "falls"
    assert not prediction.commit.disabled and prediction.said is None
    say(prediction, "turns")
    assert prediction.choices["falls"].value is None
    assert prediction.said == "turns"
    assert prediction.choices["falls"].disabled and prediction.commit.disabled
    say(prediction, "falls")
    assert prediction.said == "turns", "it stays locked"


@pytest.mark.parametrize(
    "said, truth, expected",
    [
        (None, "turns", "You made no prediction. It came out: It turns. It is so."),
        ("turns", "turns", "You predicted: It turns. And so it is. It came out: It turns."),
        ("falls", "turns", "You predicted: It falls. It is not so. It came out: It turns."),
    ],
)
def test_what_came_out_is_told_beside_what_was_said(said, truth, expected):
    prediction = ask(CURVE)
    if said:
        say(prediction, said)
    outcome = prediction.reveal(truth)
    prediction.notice.value = outcome._repr_html_()
    assert read(prediction.notice).startswith(expected)
    assert " ".join(repr(outcome).split()).startswith(expected), "and without HTML"


def test_who_ran_all_first_can_still_predict():
    prediction = ask(CURVE)
    prediction.reveal("turns")
    say(prediction, "falls")
    assert "It is not so. It came out: It turns." in read(prediction.notice)


@pytest.mark.parametrize(
    "truth, right, in_words",
    [
        (120, 100, "120 epochs"),
        (np.float32(950.2), 1000, "950 epochs"),
        (np.int64(40_000), 50_000, "40,000 epochs"),
        (np.array(99.0), 100, "99 epochs"),
    ],
)
def test_of_numbers_the_nearest_is_right(truth, right, in_words):
    assert NUMBER.right(truth) == right
    assert NUMBER.outcome(truth) == in_words
    assert "And so it is." in told(NUMBER, right, truth, PHRASES)[0]


def test_a_share_is_told_with_its_digits():
    share = Question("share", "?", "!", numbers=(0.1, 0.9), digits=3)
    assert share.outcome(0.88765) == "0.888"
    assert list(share.answers().values()) == ["0.1", "0.9"]


@pytest.mark.parametrize(
    "question, truth, message",
    [
        (CURVE, "rises", "'curve' can't come out as 'rises': its choices are 'falls', 'turns'"),
        (CURVE, ["falls"], r"can't come out as \['falls'\]"),
        (NUMBER, "many", "'number' is about a number, and 'many' is no number"),
        (NUMBER, float("nan"), "nan is no number"),
        (NUMBER, True, "True is no number"),
        (NUMBER, [1, 2], r"\[1, 2\] is no number"),
    ],
)
def test_a_truth_that_is_no_answer_is_refused(question, truth, message):
    with pytest.raises(ValueError, match=message):
        ask(question).reveal(truth)


def test_code_is_shown_as_code_and_nothing_as_markup():
    prediction = ask(Question("x", "`a<b` <i>?", "!", {"a": "A", "b": "B"}))
    assert "<code>a&lt;b</code> &lt;i&gt;?" in prediction.children[0].value


def test_without_a_kernel_the_question_and_its_choices_are_read():
    assert repr(ask(CURVE)).splitlines() == [
        "Predict. What does `fit` do?",
        "  ( ) A: It falls",
        "  ( ) B: It turns",
    ]


def test_a_page_without_a_kernel_gets_them_too(monkeypatch):
    shown = []
    monkeypatch.setattr("helpers.widgets.display", lambda data, raw: shown.append(data))
    ask(CURVE)._ipython_display_()
    assert "<li>B: It turns</li>" in shown[1]["text/html"]
    assert "data:image/png" in shown[1]["text/html"]


def test_a_cell_that_runs_again_closes_its_question_of_before(monkeypatch):
    runs = iter([Cell("a", "1"), Cell("a", "2"), Cell("b", "3")])
    monkeypatch.setattr(kernel, "running_cell", lambda: next(runs))
    first, second, other = ask(CURVE), ask(CURVE), ask(NUMBER)
    assert first.comm is None and first.commit.comm is None
    assert second.comm is not None and other.comm is not None


def test_sketches_are_drawn_side_by_side():
    one, two = (
        Image.open(io.BytesIO(sketches.draw([CURVES["turns"]] * count, "ABC"[:count])))
        for count in (1, 2)
    )
    assert two.width == 2 * one.width
    colours = {tuple(pixel) for pixel in np.asarray(two.convert("RGB")).reshape(-1, 3)}
    assert {(0, 0x72, 0xB2), (0xE6, 0x9F, 0)} <= colours, "training blue, validation orange"


def test_an_unknown_name_is_told_with_a_near_one(monkeypatch):
    words = questions.Words({"first-training": CURVE}, PHRASES)
    monkeypatch.setattr(questions, "read_words", lambda language: words)
    with pytest.raises(ValueError, match="'first-trainin': did you mean 'first-training'"):
        find_question("first-trainin")
    with pytest.raises(ValueError, match=r"no prediction is named \['first-training'\]"):
        find_question(["first-training"])


@pytest.fixture
def language(tmp_path, monkeypatch):
    """A folder of words of its own, in which a test may write."""
    monkeypatch.setattr(questions, "ROOT", tmp_path)
    monkeypatch.setattr(questions, "FOLDER", tmp_path)
    (tmp_path / "xx").mkdir()
    (tmp_path / "xx" / "phrases.toml").write_bytes((FOLDER / "en" / "phrases.toml").read_bytes())
    return tmp_path / "xx"


GOOD = '[a]\nask = "?"\nwhy = "!"\n'


@pytest.mark.parametrize(
    "text, message",
    [
        (GOOD, "'a': it needs either choices or numbers"),
        (GOOD + 'numbers = [1]\nchoices = {b = "c"}', "it needs either choices or numbers"),
        (GOOD + 'choices = {b = "c"}\nsketches = {}\nhint = "d"', "it has hint, which means"),
        (GOOD + 'choices = {b = "c", d = "e"}\nsketches = {b = [[1]]}', "a sketch for each"),
        ('[a]\nask = "?"\nnumbers = [1]', "'a': .*missing.*why"),
        ("[a", "01.toml is damaged: "),
    ],
)
def test_a_bad_file_of_words_is_named(language, text, message):
    (language / "01.toml").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_words(language.name)


def test_two_questions_of_one_name_are_told(language):
    for number in ("01", "02"):
        (language / f"{number}.toml").write_text(GOOD + "numbers = [1, 2]")
    with pytest.raises(ValueError, match="02.toml: the question 'a': that name is taken"):
        read_words(language.name)


def test_a_missing_file_says_how_to_restore_it(language):
    (language / "phrases.toml").unlink()
    with pytest.raises(ValueError, match="phrases.toml can't be read. To restore it"):
        read_words(language.name)


def shape(folder):
    """The files, questions and keys of a language."""
    return {
        path.name: {
            name: (set(entry), set(entry.get("choices", ())))
            for name, entry in tomllib.loads(path.read_text("utf-8")).items()
            if isinstance(entry, dict)
        }
        for path in folder.glob("*.toml")
    }


def test_languages_have_the_same_names_and_keys(tmp_path):
    folders = [folder for folder in FOLDER.iterdir() if folder.is_dir()]
    assert folders and all(shape(folder) == shape(FOLDER / "en") for folder in folders)
    (tmp_path / "01.toml").write_text(GOOD + "choices = {b = 'c'}")
    before = shape(tmp_path)
    (tmp_path / "01.toml").write_text(GOOD + "choices = {other = 'c'}")
    assert shape(tmp_path) != before, "a key that was translated is seen"


def test_predict_asks_the_question_of_that_name(monkeypatch):
    words = questions.Words({"curve": CURVE}, PHRASES)
    monkeypatch.setattr(questions, "read_words", lambda language="en": words)
    assert helpers.predict("curve").question is CURVE
