"""A learner gets copies of what the kit ships, and what the learner has written is never touched."""

from pathlib import Path

import pytest

from gupkit import handout
from gupkit.errors import GupkitError
from gupkit.handout import files, hand_out


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package as its wheel has it: two notebooks and a problem set."""
    folder = tmp_path / "package" / "shipped"
    for name in ("notebooks/00-start-here.ipynb", "notebooks/01-more.ipynb", "exercises/ps1/ps1.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name} as shipped", encoding="utf-8")
    monkeypatch.setattr(handout, "SHIPPED", folder)
    return folder


def test_a_new_directory_gets_everything(shipped: Path, tmp_path: Path) -> None:
    """Notebooks lie at the top, problem sets in exercises/, and a line says how many came."""
    mine = tmp_path / "far" / "mine"
    (line,) = hand_out(mine)
    assert line == f"3 files copied to {mine}"
    assert (mine / "00-start-here.ipynb").exists()
    assert (mine / "exercises/ps1/ps1.ipynb").read_text() == "exercises/ps1/ps1.ipynb as shipped"


def test_what_a_learner_wrote_is_kept(shipped: Path, tmp_path: Path) -> None:
    """A notebook that was changed stays as it is, what was deleted comes anew, and both are said."""
    mine = tmp_path / "mine"
    hand_out(mine)
    (mine / "01-more.ipynb").write_text("my work", encoding="utf-8")
    (mine / "00-start-here.ipynb").unlink()
    copied, kept = hand_out(mine)
    assert (mine / "01-more.ipynb").read_text() == "my work"
    assert copied.startswith("1 file copied")
    assert kept.startswith("1 file in ")
    assert "kept" in kept


def test_nothing_new_is_nothing_to_say(shipped: Path, tmp_path: Path) -> None:
    """A second call changes nothing and says nothing."""
    mine = tmp_path / "mine"
    hand_out(mine)
    assert hand_out(mine) == []


def test_a_link_to_nowhere_is_kept(shipped: Path, tmp_path: Path) -> None:
    """A name that the learner gave to something else, be it a dead link or a directory, is not written through."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "00-start-here.ipynb").symlink_to(tmp_path / "nowhere")
    (mine / "01-more.ipynb").mkdir()
    hand_out(mine)
    assert not (tmp_path / "nowhere").exists()
    assert (mine / "01-more.ipynb").is_dir()


def test_a_directory_that_cannot_be_made_is_one_line(shipped: Path, tmp_path: Path) -> None:
    """Where a file is in the way, the line says which and what to do."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(GupkitError, match="cannot work in .*--dir"):
        hand_out(tmp_path / "file" / "mine")
    assert (tmp_path / "file").read_text() == "mine"


def test_what_tools_left_is_not_handed_out(shipped: Path) -> None:
    """Hidden folders, such as an editor's checkpoints, stay where they are."""
    (shipped / "notebooks/.ipynb_checkpoints").mkdir()
    (shipped / "notebooks/.ipynb_checkpoints/x.ipynb").write_text("x")
    assert len(list(files())) == 3


def test_a_checkout_hands_out_its_own_notebooks(tmp_path: Path) -> None:
    """This checkout has nothing shipped: the copies are of the notebooks beside the package."""
    assert handout.checkout() is not None
    hand_out(tmp_path / "mine")
    assert (tmp_path / "mine/00-start-here.ipynb").read_bytes() == (
        handout.PACKAGE.parent / "notebooks/00-start-here.ipynb"
    ).read_bytes()
