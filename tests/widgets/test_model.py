"""The explorer's logic: choices change the run, the place is kept, and what waits is seen to wait."""

import pytest

import gupkit as gk
from gupkit.errors import GupkitError
from gupkit.scenario import Scenario, builtin_names
from gupkit.widgets.choices import TOGGLES
from gupkit.widgets.model import ExplorerModel

FILE = {
    "title": "two pages of a file",
    "files": {"f": [1, 2]},
    "steps": [
        {"mmap": {"as": "A", "pages": 2, "file": "f", "share": "shared"}},
        {"gup": {"as": "pins", "at": "A"}, "note": "both are warm", "expect": {"ret": 2}},
        {"load": {"at": "A[0]"}, "expect": {"byte": 1}},
    ],
}


def names(model: ExplorerModel) -> list[str]:
    """The trace points of the run, in order."""
    return [event.name for event in model.trace.events]


def strike(model: ExplorerModel, name: str, at: str, nth: int = 1) -> None:
    """Have ``name`` happen at a moment."""
    model.happen(name)
    model.strike(at, nth)


def call_events(model: ExplorerModel) -> list[str]:
    """The trace points inside the chosen call, from its start to its return."""
    inside = names(model)
    start = inside.index("__get_user_pages")
    return inside[start : inside.index("__get_user_pages", start + 1) + 1]


@pytest.mark.parametrize("name", builtin_names())
def test_every_built_in_scenario_opens(name: str) -> None:
    """Each opens as its author wrote it, at a place with pictures and words, and can be walked to both ends."""
    model = ExplorerModel(name)
    assert model.trace.ok
    assert model.scenario == Scenario.load(name)
    for place in {0, model.place, len(model.trace) - 1}:
        model.goto(place)
        view = model.view()
        assert view.sentence
        assert view.page_map.description
        assert view.page_table.description


def test_a_toggle_changes_the_run() -> None:
    """Without FOLL_WRITE the same call pins the zero page instead of frames of its own."""
    model = ExplorerModel("munmap-waits")
    assert "FOLL_WRITE" in model.view().call.flags
    model.toggle("FOLL_WRITE")
    view = model.view()
    assert not model.is_on("FOLL_WRITE")
    assert view.call.flags == "FOLL_GET"
    assert all("the zero page" in page for page in view.call.pages)
    assert model.message == "FOLL_WRITE: off; the scenario ran again."


def test_toggling_twice_is_where_one_started() -> None:
    """On and off again gives the original run, place and view."""
    model = ExplorerModel("foll-force")
    before = model.view()
    for toggle in TOGGLES:
        model.toggle(toggle)
        model.toggle(toggle)
    assert model.view() == before


def test_foll_force_takes_what_mprotect_could_allow() -> None:
    """FOLL_FORCE turns -EFAULT on a read-only private mapping into a page."""
    steps = [{"mmap": {"as": "A", "pages": 1, "prot": "r"}}, {"gup": {"as": "p", "at": "A", "flags": ["WRITE"]}}]
    model = ExplorerModel({"title": "read-only", "steps": steps})
    assert model.view().call.returned == "-EFAULT"
    model.toggle("FOLL_FORCE")
    assert model.view().call.returned == "1"


def test_nonblocking_lets_the_lock_go() -> None:
    """With NULL the call waits for the disk and returns a page; with a pointer it returns 0 and clears it."""
    model = ExplorerModel("nonblocking")
    call = model.view().call
    assert (call.returned, call.nonblocking) == ("0", "0: a page was busy, ask again")
    assert any("VM_FAULT_RETRY" in fault for fault in call.faults)
    model.toggle("nonblocking")
    call = model.view().call
    assert (call.returned, call.nonblocking) == ("1", "NULL")


def test_a_toggle_keeps_the_place() -> None:
    """The reader stays at the same event of the same step, and at the end of a step stays at its end."""
    model = ExplorerModel("munmap-waits")
    model.toggle("FOLL_WRITE")
    assert model.place == model.call.last
    model.goto(next(e.seq + 1 for e in model.trace.events if e.name == "follow_page" and e["i"] == 1))
    model.toggle("FOLL_WRITE")
    event = model.trace.events[model.place - 1]
    assert (event.name, event["i"]) == ("follow_page", 1)


def test_a_place_that_is_gone_is_replaced_by_one_nearby() -> None:
    """Where the event does not happen any more, the reader stays inside the same step."""
    model = ExplorerModel("munmap-waits")
    model.goto(names(model).index("blocked") + 1)
    model.happen("nothing")
    assert "blocked" not in names(model)
    assert model.view().step == 1
    assert "Step 2 of 5" in model.view().heading


def test_back_is_the_way_forward() -> None:
    """Going back shows exactly what was shown on the way forward, by events and by steps."""
    model = ExplorerModel("swap-pin")
    for unit in ("event", "step"):
        model.goto(0)
        model.unit = unit
        forth = [model.view()]
        while model.place < len(model.trace) - 1:
            model.stride(unit, 1)
            forth.append(model.view())
        back = [forth[-1]]
        while model.place > 0:
            model.stride(unit, -1)
            back.append(model.view())
        assert back[::-1] == forth
        assert len(forth) == (len(model.trace) if unit == "event" else len(model.trace.steps) + 2)


def test_strides_stop_at_the_ends() -> None:
    """Back from the beginning and forward from the end lead nowhere."""
    model = ExplorerModel("leak")
    for unit in ("event", "step"):
        model.goto(0)
        model.stride(unit, -1)
        assert model.place == 0
        model.goto(len(model.trace) - 1)
        model.stride(unit, 1)
        assert model.place == len(model.trace) - 1


def test_an_event_marks_what_it_changed_and_a_step_all_of_it() -> None:
    """The last event of a step changed nothing; the step as a whole changed what its events did."""
    model = ExplorerModel("munmap-waits")
    model.goto_step(1)
    assert "the pins pins[0] and pins[1]" in model.view().changes
    model.unit = "event"
    assert model.view().changes == "Nothing in memory changed."


def test_munmap_waits_and_is_seen_to_wait() -> None:
    """munmap inside the call queues for mmap_sem while the call holds it, and unmaps after the call's up_read."""
    model = ExplorerModel("munmap-waits")
    strike(model, "munmap", "cond_resched", 2)
    order = names(model)
    blocked, released = order.index("blocked"), order.index("up_read", order.index("blocked"))
    assert order.index("__get_user_pages") < blocked < released < order.index("woken") < order.index("do_munmap")
    model.goto(blocked + 1)
    view = model.view()
    assert view.locks == (("P", "held for reading by P; T2 waits for it"),)
    assert "T2 waits for mmap_sem of P (write), held by P" in view.sentence
    assert "mmap_sem of P" in view.changes
    assert [row.kind for row in view.rows if row.current] == ["waits"]
    model.goto(len(model.trace) - 1)
    assert all("STALE" in vma for vma in model.view().call.vmas)


def test_dontneed_does_not_wait() -> None:
    """MADV_DONTNEED throws the first page away in the middle of the call, and the call still returns two."""
    model = ExplorerModel("munmap-waits")
    strike(model, "MADV_DONTNEED", "cond_resched", 4)
    assert "blocked" not in names(model)
    assert "zap_page_range" in call_events(model)
    assert model.view().call.returned == "2"
    inside = [row.depth for row in model.view().rows]
    assert len(inside) == 9


def test_truncate_does_not_wait_either() -> None:
    """A file can be cut inside the call: no mmap_sem protects from that, and the second page is not there any more."""
    model = ExplorerModel(FILE)
    strike(model, "truncate", "cond_resched", 3)
    assert "blocked" not in names(model)
    assert model.view().call.returned == "1"


@pytest.mark.parametrize("name", ["invalidate_inode_pages2", "writeback", "swap-out", "fork"])
def test_everything_that_is_offered_happens(name: str) -> None:
    """Each choice leads to a run in which that operation ran to its end within the scenario."""
    model = ExplorerModel(FILE)
    model.happen(name)
    assert names(model).count("race") == 1
    assert "race_not_reached" not in names(model)
    assert "raced" in names(model)


def test_only_what_can_happen_is_offered() -> None:
    """Without a file nothing truncates, and the reader is told why; nobody invents a second thread for a child."""
    model = ExplorerModel("munmap-waits")
    assert "truncate" not in model.meanwhiles
    assert "no file is mapped there" in model.left_out_words()
    with pytest.raises(GupkitError, match="'truncate' cannot happen here"):
        model.happen("truncate")
    steps = [{"mmap": {"as": "A", "pages": 1}}, {"fork": {"as": "C"}}, {"gup": {"by": "C", "at": "A"}}]
    alone = ExplorerModel({"title": "a child", "steps": steps})
    assert alone.meanwhiles == ("nothing", "swap-out")
    steps[2] = {"gup": {"at": "A", "of": "C"}}
    assert "munmap" in ExplorerModel({"title": "a child", "steps": steps}).meanwhiles


@pytest.mark.parametrize("name", ["munmap-waits", "nonblocking-partial", "accounting", "mlock"])
def test_moments_are_those_that_the_call_really_passes(name: str) -> None:
    """An injection at each moment strikes, and up to then the run is the one without it, event for event."""
    model = ExplorerModel(name)
    model.happen("nothing")
    calm = model.trace.events
    model.happen("MADV_DONTNEED" if "MADV_DONTNEED" in model.meanwhiles else "swap-out")
    assert model.moments
    for moment in model.moments:
        model.strike(moment.at, moment.nth)
        struck = model.trace.events[: names(model).index("race")]
        assert "race_not_reached" not in names(model)
        assert [(e.name, e.fields) for e in struck] == [(e.name, e.fields) for e in calm[: len(struck)]]
        assert moment.event - len(struck) in (-1, 0), moment


def test_a_call_without_schedule_points_cannot_be_interrupted() -> None:
    """The fast form with everything mapped passes no schedule point: the reader is told that nothing can happen."""
    model = ExplorerModel({"title": "fast", "steps": [
        {"mmap": {"as": "A", "pages": 1}}, {"store": {"at": "A", "byte": 1}},
        {"gup": {"as": "p", "at": "A", "api": "get_user_pages_fast"}},
    ]})  # fmt: skip
    with pytest.raises(GupkitError, match="passes no schedule point"):
        model.happen("munmap")
    assert model.choices.meanwhile == "nothing"


def test_a_moment_that_is_gone_becomes_the_nearest() -> None:
    """When a toggle shortens the call, what was to happen late happens at the last moment of that kind."""
    model = ExplorerModel("munmap-waits")
    strike(model, "MADV_DONTNEED", "cond_resched", 4)
    model.toggle("FOLL_WRITE")
    at, nth = model.choices.moment
    assert at == "cond_resched"
    assert (at, nth) in [(moment.at, moment.nth) for moment in model.moments]
    assert "race_not_reached" not in names(model)


def test_what_the_author_said_goes_with_what_the_author_wrote() -> None:
    """Expectations and notes are dropped from a changed run, which they would belie, and come back with reset."""
    model = ExplorerModel(FILE)
    assert model.view().note == "both are warm"
    strike(model, "truncate", "cond_resched", 1)
    assert model.view().note == ""
    assert model.trace.ok
    model.reset()
    assert model.view().note == "both are warm"
    assert model.scenario is model.runs.scenario


def test_a_race_that_the_author_wrote_stays_until_another_is_chosen() -> None:
    """A scenario's own race is a choice of its own; toggles keep it."""
    model = ExplorerModel("munmap-waits")
    assert model.choices.meanwhile == "as written"
    model.toggle("vmas")
    assert "blocked" in names(model)
    model.happen("nothing")
    assert "race" not in names(model)
    model.happen("as written")
    assert "blocked" in names(model)


def test_another_call_can_be_chosen() -> None:
    """Of several calls each can be looked at; a step that is none of them is refused."""
    model = ExplorerModel("foll-write-cow")
    assert len(model.calls) > 1
    model.choose_call(model.calls[1])
    assert model.call.index == model.calls[1]
    assert model.is_on("FOLL_WRITE")
    with pytest.raises(GupkitError, match="step 1 does not call"):
        model.choose_call(0)


def test_a_system_calls_flags_are_its_own() -> None:
    """A write to /proc/PID/mem reaches the function too: its race can be chosen, its flags cannot."""
    model = ExplorerModel("dirty-cow")
    assert not model.can_toggle
    assert "FOLL_FORCE" in model.view().call.flags
    with pytest.raises(GupkitError, match="FOLL_WRITE cannot be switched"):
        model.toggle("FOLL_WRITE")
    model.happen("nothing")
    assert "race" not in names(model)


def test_the_call_is_told_as_it_goes() -> None:
    """Before the call nothing is returned, inside it the pages come one by one, and afterwards all is there."""
    model = ExplorerModel("munmap-waits")
    model.goto(1)
    call = model.view().call
    assert (call.state, call.returned, call.pages) == ("not called yet", "not yet", ("empty",))
    found = [e.seq for e in model.trace.events if e.name == "follow_page"]
    model.goto(found[0] + 1)
    call = model.view().call
    assert (call.state, call.returned, len(call.pages), len(call.vmas)) == ("running", "not yet", 1, 1)
    model.goto(len(model.trace) - 1)
    assert model.view().call.state == "returned"
    assert all("free" in page for page in model.view().call.pages)


def test_fast_pins_are_told_too() -> None:
    """get_user_pages_fast names no page as it goes; its pages are told from the pins it left."""
    model = ExplorerModel({"title": "fast", "steps": [
        {"mmap": {"as": "A", "pages": 1}}, {"store": {"at": "A", "byte": 1}},
        {"gup": {"as": "p", "at": "A", "api": "get_user_pages_fast"}},
    ]})  # fmt: skip
    call = model.view().call
    assert call.function == "get_user_pages_fast"
    assert call.pages == ("[0] frame 4096, references 2 = 1 map + 1 pin",)


def test_reports_of_the_debug_layer_are_shown_from_when_they_were_made() -> None:
    """A double put is reported at its event and not before."""
    model = ExplorerModel({"title": "twice", "steps": [
        {"mmap": {"as": "A", "pages": 1}}, {"gup": {"as": "p", "at": "A", "flags": ["WRITE"]}},
        {"munmap": {"at": "A"}}, {"put_page": {"pin": "p"}}, {"put_page": {"pin": "p"}},
    ]})  # fmt: skip
    bug = names(model).index("BUG")
    model.goto(bug)
    assert model.view().reports == ()
    model.goto(bug + 1)
    assert len(model.view().reports) == 1
    assert model.view().reports[0].startswith("BUG: ")


def test_a_trace_can_only_be_stepped_through() -> None:
    """A finished trace has a place and a call, and nothing to choose."""
    model = ExplorerModel(gk.run("munmap-waits"))
    assert (model.can_toggle, model.meanwhiles, model.moments, model.meanwhile_words()) == (False, (), (), "")
    assert model.view().call.returned == "2"
    model.choose_call(1)
    assert model.step_words(1) == model.call.text


def test_a_scenario_without_a_call_can_be_stepped_through() -> None:
    """Where nothing calls the function there is no call to show and no toggle."""
    model = ExplorerModel({"title": "a touch", "steps": [{"mmap": {"as": "A", "pages": 1}}]})
    assert (model.call, model.calls, model.meanwhiles) == (None, (), ())
    assert model.view().call is None
    model.reset()
    assert model.place == 5


def test_a_deadlock_is_told() -> None:
    """A run that ends early says why, and what never ran cannot be gone to."""
    model = ExplorerModel({"title": "stuck", "steps": [
        {"mmap": {"as": "A", "pages": 1}}, {"down_write": {"by": "T2"}}, {"gup": {"at": "A"}},
    ]})  # fmt: skip
    assert "deadlock" in model.view().problem
    assert model.call_now().returned == "not yet"
    with pytest.raises(GupkitError, match="step 3 never came to its end"):
        model.goto_step(2)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("munmap-wait", "no such file, and no built-in scenario; nearest right word: 'munmap-waits'"),
        (7, "an explorer opens a scenario"),
        ({"title": "x"}, "steps"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_one_line(source: object, message: str) -> None:
    """A wrong name, kind or dict is a GupkitError of one line."""
    with pytest.raises(GupkitError) as caught:
        ExplorerModel(source)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda m: m.goto(999), "there is no event 999"),
        (lambda m: m.goto_step(99), "there is no step 100"),
        (lambda m: m.stride("page", 1), "a stride is an event or a step"),
        (lambda m: m.toggle("FOLL_WRIT"), "FOLL_WRITE"),
        (lambda m: m.strike("cond_resched", 99), "does not pass 'cond_resched' 99 times"),
        (lambda m: ExplorerModel("leak", process="Q"), "no process 'Q'"),
        (lambda m: ExplorerModel("leak", era="9.9"), "unknown era"),
        (lambda m: ExplorerModel(gk.run("leak")[0]), "open it with Explorer"),
    ],
)
def test_what_cannot_be_done_changes_nothing(act: object, message: str) -> None:
    """A wrong wish is a GupkitError of one line, and the explorer stays as it was."""
    model = ExplorerModel("munmap-waits")
    before = (model.place, model.choices, model.trace)
    with pytest.raises(GupkitError) as caught:
        act(model)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert before == (model.place, model.choices, model.trace)
