"""The face of the package: what `import gupkit as gk` offers, and what it does not load."""

import subprocess
import sys

import pytest

import gupkit as gk

HEAVY = ("matplotlib", "networkx", "ipywidgets", "ruamel", "fastjsonschema", "IPython")


@pytest.mark.parametrize("name", [name for name in gk.__all__ if name not in ("draw", "widgets")])
def test_every_name_is_there(name: str) -> None:
    """Each name that the face promises can be had, is listed, and is the same object every time."""
    assert name in dir(gk)
    assert getattr(gk, name) is getattr(gk, name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """What the face does not have is refused in the usual words."""
    with pytest.raises(AttributeError) as error:
        gk.__getattr__("no_such_name")
    assert str(error.value) == "module 'gupkit' has no attribute 'no_such_name'"


def test_importing_is_light() -> None:
    """`import gupkit`, and a kernel at work, load no pictures, no widgets and no reader of files."""
    code = (
        "import sys, gupkit as gk\n"
        "k = gk.Kernel(); p = k.spawn(); a = k.mmap(p, pages=1); k.store(p, a, b'x')\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_first_lines_of_a_notebook() -> None:
    """The call of the subject, as kernel code writes it, from the face alone."""
    k = gk.Kernel(era="2.6.39")
    p = k.spawn("P")
    a = k.mmap(p, pages=2)
    pages: list[object] = []
    cell = gk.Cell(1)
    with p.mm.mmap_sem.read():
        assert gk.__get_user_pages(p, p.mm, a, 2, gk.FOLL.WRITE | gk.FOLL.GET, pages, None, cell) == 2
    assert cell.value == 1
    gk.get_page(pages[0])
    assert gk.set_page_dirty(pages[0])
    assert not gk.set_page_dirty_lock(pages[0])
    gk.put_page(pages[0])
    for page in pages:
        gk.put_page(page)
    k.check()
    with gk.Recorder(k) as recorder:
        k.munmap(p, a, 2 * gk.PAGE_SIZE)
    assert recorder.trace()[-1] == gk.take_snapshot(k)
    with pytest.raises(gk.Signal):
        k.load(p, a)


def test_errors_of_the_person_have_one_base() -> None:
    """Whatever a person can get wrong is a GupkitError; the kernel's answers are not."""
    assert issubclass(gk.ScenarioError, gk.GupkitError)
    assert issubclass(gk.BackendError, gk.GupkitError)
    assert not issubclass(gk.Signal, gk.GupkitError)
    assert gk.Errno.EFAULT == -14
