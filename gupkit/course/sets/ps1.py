"""ps1, split an address and walk the tables: on a machine whose addresses are divided otherwise than x86-64's."""

from __future__ import annotations

from typing import Any

from ..model import Answers, Check, ProblemSet, Rule
from ..plain import plain

LAYOUTS = (
    (12, (7, 10, 9)), (12, (8, 11, 9)), (13, (9, 10, 8)), (13, (8, 11, 9)), (14, (10, 11)), (14, (6, 11, 10)),
    (14, (5, 8, 10, 9)), (15, (10, 12)), (15, (7, 11, 8)), (16, (11, 12)), (16, (6, 10, 9)), (16, (5, 6, 10, 7)),
)  # fmt: skip
"""(bits of the offset, bits of each level's index from the top down): in none are all levels alike, as the kernel's."""

RULES = tuple(
    {"offset_bits": offset, "index_bits": list(index), "entry_bytes": entry, "present": present, "leaf": leaf}
    for offset, index in LAYOUTS
    for entry, present, leaf in ((8, 1, 0x80), (4, 2, 0x40))
)


def words(rule: Rule) -> str:
    """The machine of the sheet."""
    index, offset = rule["index_bits"], rule["offset_bits"]
    levels = "\n".join(f"| {i} | index into a table of level {i} | {bits} |" for i, bits in enumerate(index))
    return (
        f"Your machine has **{len(index)} levels** of tables, and of an address **{sum(index) + offset} bits** count."
        " From the highest of these bits to the lowest:\n\n"
        f"| level | what the bits are | how many bits |\n|---|---|---|\n{levels}\n"
        f"| | offset within the page | {offset} |\n\n"
        f"- An entry takes **{rule['entry_bytes']} bytes**; a table has room for every index of its level.\n"
        f"- Bit `{rule['present']:#x}` of an entry says: *present*. Without it the rest of the entry means nothing.\n"
        f"- Bit `{rule['leaf']:#x}` of an entry above the last level says: *this entry maps a large page itself*, all"
        " that a table in its place would have mapped. Entries of the last level always map a page.\n"
        f"- The address of the page (or of the large page) is the entry without its lowest {offset} bits."
    )


def tables_from(rule: Rule, inputs: dict[str, Any]) -> dict[str, Any]:
    """Page tables as the simulated kernel keeps them: dicts from index to table or entry."""
    del rule
    return inputs | {"root": _numbered(inputs["root"])}


def _numbered(table: Any) -> Any:
    return {int(i): _numbered(t) for i, t in table.items()} if isinstance(table, dict) else table


def try_split(world: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """The parts of each address."""
    return {f"split_address({a:#x})": plain(answers["split_address"](a)) for a in world["addresses"]}


def try_walk(world: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """Where each address leads, and the tables afterwards."""
    found = {f"walk(root, {a:#x})": plain(answers["walk"](world["root"], a)) for a in world["addresses"]}
    return found | {"the tables afterwards": plain(world["root"])}


def try_table_bytes(world: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """What the tables for a set of addresses take."""
    return {f"table_bytes([{', '.join(map(hex, a))}])": plain(answers["table_bytes"](list(a))) for a in world["sets"]}


PICTURE = "the sheet's table of bits; gk.draw.page_table draws the kernel's own tree"
SPLIT = "01 · What is an address space, the part on splitting an address"
WALK = "02 · Page tables, the part on the walk"

SOLUTION_SPLIT = '''
# The kernel's own rule: four levels of 9 bits, an offset of 12.
def split_address(address):
    parts = [address & 0xFFF]                  # the offset is what is left at the bottom
    for shift in (12, 21, 30, 39):             # each index starts where the one below ends
        parts.insert(0, address >> shift & 0x1FF)   # and is cut to its 9 bits, the top one too
    return parts
'''
SOLUTION_WALK = '''
# The kernel's own rule. A level that is missing ends the walk; a large page ends it early.
def walk(pgd, address):
    table = pgd
    for shift in (39, 30, 21, 12):
        entry = table.get(address >> shift & 0x1FF)      # .get, not []: a hole is no error
        if entry is None:
            return None
        if isinstance(entry, dict):                      # a table of the next level
            table = entry
            continue
        if not entry & 1:                                # not present: the rest means nothing
            return None
        below = (1 << shift) - 1                         # all bits that are offset from here on
        return entry & 0x000F_FFFF_FFFF_F000 & ~below | address & below
'''
SOLUTION_BYTES = '''
# The kernel's own rule: every table has 512 entries of 8 bytes. Two addresses share a table
# if they agree in all the bits above the part that the table translates.
def table_bytes(addresses):
    tables = {0}                                         # the pgd is there without any page
    for shift in (39, 30, 21):
        tables |= {(shift, address >> shift) for address in addresses}
    return len(tables) * 4096
'''

PROBLEM_SET = ProblemSet(
    name="ps1",
    title="Problem set 1: split an address, walk the tables",
    rules=RULES,
    words=words,
    checks=(
        Check(
            "split", ("split_address",), try_split, PICTURE, SPLIT,
            ("Count the bits from the right: the offset first, then the last level, and so on up.",
             "An index is `address >> shift & (2**bits - 1)`; the shift of a level is the sum of the bits below it."),
        ),
        Check(
            "split-high", ("split_address",), try_split, PICTURE, SPLIT,
            ("Write an address of the upper half in binary: what stands above the bits that count?",
             "The top index has no more bits than any other index: cut it, too."),
        ),
        Check(
            "walk", ("walk",), try_walk, PICTURE, WALK,
            ("You have split_address already: use it.",
             "The last entry is a number: clear the bits that are flags, put the offset in their place."),
            tables_from,
        ),
        Check(
            "walk-hole", ("walk",), try_walk, PICTURE, WALK,
            ("What does a dict do when you ask it with [] for a key that it has not?",
             "None for three reasons: no entry, no table, an entry that is not present. And no table is made."),
            tables_from,
        ),
        Check(
            "walk-large", ("walk",), try_walk, PICTURE, WALK,
            ("At every level but the last an entry is either a table (a dict) or a number. When is it a number?",
             "A large page has a longer offset: the ordinary one and all the indices that were not used."),
            tables_from,
        ),
        Check(
            "bytes", ("table_bytes",), try_table_bytes, PICTURE, WALK,
            ("How many tables are there of each level? The top one is always there, once.",
             "Two addresses share a table of level n if their indices of all levels above n are the same."),
        ),
        Check(
            "bytes-sizes", ("table_bytes",), try_table_bytes, PICTURE, WALK,
            ("Are the tables of all levels equally large on your machine?",
             "A table of a level with b bits has 2**b entries; count each level's tables with its own size."),
        ),
    ),
    cut=(),  # nothing in the kit walks tables of this kind
    solutions={
        "split_address": (SOLUTION_SPLIT, "gupkit.kernel.pgtable:pte_at"),
        "walk": (SOLUTION_WALK, "gupkit.kernel.pgtable:pte_at"),
        "table_bytes": (SOLUTION_BYTES, "gupkit.kernel.pgtable:pte_alloc"),
    },
)  # fmt: skip
