"""Everything that can be wrong with a scenario is refused before it runs, in one line that says where."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gupkit.errors import GupkitError, ScenarioError
from gupkit.scenario import Scenario, builtin_names
from gupkit.scenario.loader import MAX_FILE
from tests.scenario.wrong import HEAD, STEPS, WRONG


def refusal(text: str) -> str:
    """The message for a text that must be refused."""
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_text(text, "f.yaml")
    return str(caught.value)


@pytest.mark.parametrize(("text", "line", "words"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_wrong_input_is_refused_in_one_line(text: str, line: int, words: str) -> None:
    """The message is one line that begins with file and line, and says what is wrong or what to write."""
    message = refusal(text)
    assert len(message.splitlines()) == 1
    assert message.startswith(f"f.yaml:{line}: ")
    assert any(word in message for word in words.split("|")), message
    assert len(message) < 300


def test_there_are_many_wrong_inputs() -> None:
    """The list has at least fifty inputs, no two alike."""
    assert len({text for _, text, _, _ in WRONG}) == len(WRONG) >= 50


def test_all_the_same_what_is_left_is_right() -> None:
    """The file that the wrong inputs spoil is itself right."""
    assert [step.line for step in Scenario.from_text(STEPS).steps] == [4]


def problem(load: Callable[..., Scenario], source: object) -> str:
    """Why ``load`` refuses ``source``; empty if it does not."""
    try:
        load(source)
    except ScenarioError as error:
        return str(error)
    return ""


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the text, the answer is a scenario or a ScenarioError of one line."""
    assert len(problem(Scenario.from_text, HEAD + text).splitlines()) <= 1


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["A", "load"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["at", "mmap", "as", "x"]), inner),
    max_leaves=8,
)


@given(plain)
def test_any_values_are_read_or_refused(value: object) -> None:
    """Whatever stands where the steps belong, the answer is a scenario or a ScenarioError of one line."""
    assert len(problem(Scenario.load, {"title": "t", "steps": value}).splitlines()) <= 1


odd = st.text(alphabet="AB{}[].:'\"\\\n %0$\x07\x85\u2028", max_size=6)


@given(odd, odd, st.integers(-3, 300) | odd | st.none())
def test_odd_keys_and_names_are_refused_in_one_line(key: str, name: str, value: object) -> None:
    """Whatever letters a key or a name has, the message is one line and nothing else goes wrong."""
    mapping = {"mmap": {"as": "A", "pages": 1}}
    for data in (
        {"title": "t", "files": {key: value}, "steps": [mapping]},
        {"title": "t", "steps": [mapping, {"load": {"at": name}, "expect": {"refcount": {key: value}}}]},
        {"title": "t", "steps": [mapping, {"load": {"at": "A"}, "expect": {"refcount": {key: value}}}]},
        {"title": "t", "steps": [{key: value, name: value}]},
        {"title": "t", "steps": [{"load": {key: value, "at": name}}]},
        {"title": "t", "needs": [key], "steps": [{"fork": {"as": name}}]},
        {key: value},
    ):
        assert len(problem(Scenario.load, data).splitlines()) <= 1


def test_a_missing_file_names_the_nearest_built_in() -> None:
    """A name that is neither a file nor a built-in scenario is answered with the nearest that is one."""
    with pytest.raises(ScenarioError, match=r"^invalidat: no such file.*'invalidate'$"):
        Scenario.load("invalidat")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    """A directory is no scenario."""
    with pytest.raises(ScenarioError, match="directory"):
        Scenario.load(tmp_path)


def test_text_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    """A byte that is not UTF-8 is named with its line."""
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"title: t\nabout: caf\xe9\n")
    with pytest.raises(ScenarioError, match=f"^{re.escape(str(path))}:2: not UTF-8 text: byte 0xe9$"):
        Scenario.load(path)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    """A file larger than any scenario is refused for its size."""
    path = tmp_path / "huge.yaml"
    path.write_bytes(b"#" * (MAX_FILE + 1))
    with pytest.raises(ScenarioError, match="larger than 1 MiB"):
        Scenario.load(path)


def test_a_name_with_a_null_is_refused() -> None:
    """A path that no system can open is an error of the person's, on one line."""
    with pytest.raises(ScenarioError) as caught:
        Scenario.load("a\0b\nc")
    assert len(str(caught.value).splitlines()) == 1


def test_a_wrong_kind_of_source_is_refused() -> None:
    """A number is no scenario."""
    with pytest.raises(GupkitError, match="not a int"):
        Scenario.load(7)


@pytest.mark.parametrize("value", [{1: 2}, {"title": 1.5}, {"title": object()}, {"title": [[[[]]]] * 2}])
def test_values_that_no_file_could_hold_are_refused(value: dict) -> None:
    """A dict is checked like a file: text for keys, no fractions, no objects."""
    with pytest.raises(ScenarioError, match="^scenario"):
        Scenario.load(value)


def test_a_dict_that_holds_itself_is_refused() -> None:
    """A value nested in itself ends at the bound of nesting."""
    loop: list = []
    loop.append(loop)
    with pytest.raises(ScenarioError, match="nested deeper"):
        Scenario.load({"title": "t", "steps": loop})


def test_a_dict_is_refused_with_the_path_of_keys() -> None:
    """Without lines, the message names the place by keys."""
    with pytest.raises(ScenarioError, match=r"^scenario: steps\[0\]\.mmap\.pages: mmap: pages is 0"):
        Scenario.load({"title": "t", "steps": [{"mmap": {"as": "A", "pages": 0}}]})


def test_a_built_in_name_wins_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The word ``invalidate`` is the built-in scenario, even beside a file of that name; ./invalidate is the file."""
    monkeypatch.chdir(tmp_path)
    Path("invalidate").write_text("title: mine\nsteps: [{fork: }]\n", encoding="utf-8")
    assert Scenario.load("invalidate").path is None
    assert Scenario.load("./invalidate").title == "mine"


def test_json_is_yaml_too() -> None:
    """A scenario written as JSON loads."""
    text = '{"title": "t", "steps": [{"mmap": {"as": "A", "pages": 1, "addr": "0x7e0000000000"}}]}'
    assert Scenario.from_text(text).steps[0].args["addr"] == 0x7E0000000000


def test_built_in_names_are_many() -> None:
    """At least eighteen scenarios come with the kit."""
    assert len(builtin_names()) >= 18
