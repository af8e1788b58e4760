"""The slide shows: what the notebooks' slide types say, on pages that ask nobody for anything."""

from pathlib import Path

import pytest

from tests.book.looks import Visitor, barriers, dead_links, pages, parsed

pytestmark = pytest.mark.xdist_group("book")  # one worker builds them

SMALLEST = 0.65
"""How much a slide may be shrunk to fit the screen: below that the last row of a lecture hall cannot read it."""

SHOWS = "Reveal.getSlides().map(slide => [slide.id, Reveal.getIndices(slide).h, Reveal.getIndices(slide).v])"
ZOOM = "Number(Reveal.getCurrentSlide().style.zoom)"
CUT = """() => {
  const edge = {right: innerWidth, bottom: innerHeight};
  return [...Reveal.getCurrentSlide().querySelectorAll('p, li, pre, svg, table, label, summary')]
    .filter(part => part.checkVisibility() && !part.closest('.gk-rows')).map(part => part.getBoundingClientRect())
    .filter(box => box.right > edge.right + 1 || box.bottom > edge.bottom + 1).length;
}"""


def faults(visitor: Visitor, show: Path) -> list[str]:
    """What is wrong with a slide show, slide by slide: cut off, too small to read."""
    visitor.wrong.clear()
    visitor.open(show)
    visitor.page.wait_for_function("() => Reveal.isReady()")
    if (scale := visitor.page.evaluate("Reveal.getScale()")) < 0.9:
        visitor.wrong.append(f"does not fill the screen: {scale} of it")
    for name, horizontal, vertical in visitor.page.evaluate(SHOWS):
        visitor.page.evaluate(f"Reveal.slide({horizontal}, {vertical or 0}, 99)")
        if (zoom := visitor.page.evaluate(ZOOM)) < SMALLEST:
            visitor.wrong.append(f"slide {name} holds too much: shrunk to {zoom}; begin a subslide at one of its cells")
        if cut := visitor.page.evaluate(CUT):
            visitor.wrong.append(f"slide {name}: {cut} parts cut off")
    return [f"{show.stem}: {each}" for each in visitor.wrong]


@pytest.mark.notebooks
def test_the_show_follows_the_slide_types(sample_slides: Path) -> None:
    """A slide for each cell that begins one, named after the cell; links lead somewhere."""
    show = parsed(sample_slides / "00-start-here.html")
    names = [str(section["id"]) for section in show.select("section > section")]
    assert names[:4] == ["title", "objectives", "question", "story"]
    assert len(show.select("section#first-toggle .fragment")) == 1
    assert dead_links(sample_slides) == []


@pytest.mark.notebooks
@pytest.mark.browser
def test_a_show_fits_the_screen_and_asks_nobody(sample_slides: Path, visitor: Visitor) -> None:
    """Every slide of the first lecture is readable at a projector's size, and no other host is asked."""
    assert faults(visitor, sample_slides / "00-start-here.html") == []
    visitor.page.evaluate("Reveal.slide(0, 0)")
    assert barriers(visitor.page) == []


@pytest.mark.prove
@pytest.mark.notebooks
@pytest.mark.browser
def test_every_show_fits_the_screen_and_asks_nobody(all_slides: Path, visitor: Visitor) -> None:
    """The same of every lecture."""
    assert [fault for show in pages(all_slides) if show.stem != "index" for fault in faults(visitor, show)] == []
