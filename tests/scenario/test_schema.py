"""The schema: one source, valid, shipped, and in step with the table of ops."""

from importlib import resources

import fastjsonschema
import pytest

from gupkit.scenario import Scenario, builtin_names
from gupkit.scenario.loader import builtin_text
from gupkit.scenario.ops import OPS
from gupkit.scenario.schema import build_schema, to_json, validator
from gupkit.scenario.since import newer, since
from gupkit.scenario.vocabulary import ERAS, GUP_APIS
from gupkit.scenario.yaml_lines import read_yaml


def test_the_shipped_file_is_the_schema() -> None:
    """schema.json is what the table of ops says now: ``gupkit schema`` prints it."""
    shipped = resources.files("gupkit.scenario").joinpath("schema.json").read_text(encoding="utf-8")
    assert shipped == to_json()


def test_every_op_is_described() -> None:
    """Each op and each of its arguments has a description in the schema."""
    ops = build_schema()["definitions"]["ops"]
    assert list(ops) == list(OPS)
    for name, schema in ops.items():
        assert schema["description"], name
        assert all(arg["description"] for arg in schema["properties"].values()), name


@pytest.mark.parametrize("name", builtin_names())
def test_built_in_scenarios_fit_the_schema(name: str) -> None:
    """The schema alone accepts each built-in scenario."""
    validator()(read_yaml(builtin_text(name), name)[0])


def test_the_schema_alone_refuses_what_the_loader_refuses() -> None:
    """Unknown keys and ops are refused by the schema itself, for editors that know nothing of the loader."""
    for bad in ({"lode": {}}, {"load": {}}, {"load": {"at": "A"}, "store": {"at": "A", "byte": 1}}):
        with pytest.raises(fastjsonschema.JsonSchemaException):
            validator()({"title": "t", "steps": [bad]})


def test_ops_of_the_simulated_kernel_only_are_marked() -> None:
    """What no user can do is marked, and what users can do is not."""
    assert OPS["gup"].sim_only
    assert OPS["page_store"].sim_only
    assert not any(OPS[name].sim_only for name in ("mmap", "vmsplice", "uring_register", "pread", "drop_caches"))


def test_since_knows_what_came_when() -> None:
    """Operations newer than the oldest era have the version that brought them."""
    assert since("process_vm_readv", {}) == "3.2"
    assert since("madvise", {"advice": "GUARD_INSTALL"}) == "6.13"
    assert since("gup", {"api": "pin_user_pages"}) == "5.6"
    assert since("unpin_user_page", {}) == "5.6"
    assert since("madvise", {"advice": "DONTNEED"}) is None
    assert since("gup", {"api": "__get_user_pages"}) is None


def test_every_api_of_the_pin_family_is_newer_than_2_6_39() -> None:
    """FOLL_PIN came in 5.6, so no pin_ function is older."""
    for api in GUP_APIS:
        if api.startswith("pin_"):
            assert not newer("5.6", since("gup", {"api": api}))


def test_eras_are_in_order() -> None:
    """Eras are listed from old to new, and compared as versions, not as text."""
    assert all(newer(b, a) for a, b in zip(ERAS, ERAS[1:], strict=False))


def test_an_op_without_arguments_may_be_left_empty() -> None:
    """``exit:`` and ``exit: {}`` are the same."""
    a, b = (Scenario.from_text(f"title: t\nsteps: [{{exit: {x}}}]") for x in ("", "{}"))
    assert a.steps == b.steps
