"""The palette: told apart by those who see colours otherwise, and in grey; text that can be read."""

from itertools import combinations

import pytest
from coloraide import Color

from gupkit.draw import style

FILLS = {name: look.fill for name, look in style.STYLES.items() if look.fill and name != "pin"}
THEMES = {"light": style.LIGHT, "dark": style.DARK}


def seen(colour: str, deficiency: str | None) -> Color:
    """The colour as somebody with that deficiency sees it."""
    return Color(colour) if deficiency is None else Color(colour).filter(deficiency)


@pytest.mark.parametrize("deficiency", [None, "protan", "deutan", "tritan"])
def test_every_pair_of_states_differs(deficiency: str | None) -> None:
    """Any two fills are at least 12 apart (CIEDE2000), whatever the reader's eyes."""
    looks = {name: seen(fill, deficiency) for name, fill in FILLS.items()}
    near = {
        (one, other): round(looks[one].delta_e(looks[other], method="2000"), 1)
        for one, other in combinations(looks, 2)
        if looks[one].delta_e(looks[other], method="2000") < 12
    }
    assert near == {}


@pytest.mark.parametrize("name", style.STYLES)
def test_text_on_a_fill_can_be_read(name: str) -> None:
    """The text on every fill has a contrast of 4.5 at least."""
    look = style.STYLES[name]
    if look.fill is None:
        assert look.ink is None
    else:
        assert style.contrast(look.fill, look.ink or "") >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_free_text_and_marks_can_be_seen(theme: style.Theme) -> None:
    """On either paper text has a contrast of 4.5 at least, and so have outlines and edges, for which 3 would do."""
    assert style.contrast(theme.paper, theme.ink) >= 4.5
    assert style.contrast(theme.paper, theme.muted) >= 4.5


def test_contrast_agrees_with_a_library() -> None:
    """Our contrast is WCAG's, as coloraide computes it."""
    for fill in FILLS.values():
        theirs = Color(fill).contrast("white", method="wcag21")
        assert style.contrast(fill, "#ffffff") == pytest.approx(theirs, abs=0.01)


def test_letters_name_states() -> None:
    """No two states of pages share a letter, and every state of a page has one."""
    others = ("table", "empty", "event", "injected")
    letters = [look.letter for name, look in style.STYLES.items() if name not in others]
    assert len(set(letters)) == len(letters)
    assert "" not in letters


def test_states_differ_in_grey() -> None:
    """Any two states with fills differ in letter, and in band, outline or lightness as well."""
    for one, other in combinations(FILLS, 2):
        a, b = style.STYLES[one], style.STYLES[other]
        grey = abs(style.luminance(a.fill or "") - style.luminance(b.fill or "")) > 0.02
        assert (a.band, a.dash, a.width) != (b.band, b.dash, b.width) or grey, (one, other)
        assert a.letter != b.letter


def test_every_band_has_a_pattern() -> None:
    """Each band of a style is a known pattern."""
    assert {look.band for look in style.STYLES.values()} <= {"", *style.BANDS}
