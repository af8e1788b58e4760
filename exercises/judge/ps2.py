"""The judge of ps2: the three functions for every sheet, and the cases."""

import copy
from random import Random

from gupkit.course.model import Case
from gupkit.kernel.errno import Errno
from gupkit.kernel.flags import VM_GROWSDOWN

FIND = "Between two regions the answer is a neighbour: above or below, as rule 2 says; None only where there is none."
EDGE = "A region holds the address where it begins, and not the one where it ends: that may be the next one's first."
GROW = "Only a stack grows, only as far as it must, to a multiple of pages (rule 3); vm_pgoff goes with vm_start."
LIMIT = "The limit (rule 4) is about the stack as it would be after rounding; as much as the limit is allowed."
GAP = "The gap (rule 5) is about the stack as it would be after rounding; it may never come to lie over a region."
SPLIT = "A region is cut where the range begins and ends, and nowhere else; the upper part begins later in its file."
JOIN = "What was changed is joined with either neighbour that nothing tells from it, by rule 7, and with no other."
REFUSE = "A hole, a right that can never be had, a crooked start: the lowest decides, and rule 6 says what stays done."


def answers(rule):
    """The reference."""
    page, unit, down = rule["page"], rule["page"] * rule["chunk"], rule["grows"] == "down"

    def find_vma(mm, address):
        if down:
            return next((vma for vma in mm.mmap if vma.vm_end > address), None)
        return next((vma for vma in reversed(mm.mmap) if vma.vm_start <= address), None)

    def find_extend_vma(mm, address):
        vma = find_vma(mm, address)
        if vma is None or vma.vm_start <= address < vma.vm_end:
            return vma
        first = address // unit * unit
        start, end = (first, vma.vm_end) if down else (vma.vm_start, first + unit)
        counted = end - start - (vma.vm_end - vma.vm_start if rule["limits"] == "growth" else 0)
        if not vma.vm_flags & VM_GROWSDOWN or counted > rule["limit"] * page:
            return None
        if any(in_the_way(other, start, end) for other in mm.mmap if other is not vma):
            return None
        vma.vm_pgoff -= (vma.vm_start - start) // page
        vma.vm_start, vma.vm_end = start, end
        return vma

    def in_the_way(other, start, end):
        if other.vm_start < end and start < other.vm_end:
            return True
        room = start - other.vm_end if down else other.vm_start - end
        return 0 <= room < rule["gap"] * page and (rule["gap_to"] == "any" or bool(other.vm_flags & 7))

    def do_mprotect(mm, start, end, prot):
        end = -(-end // page) * page
        error, stop = offence(mm, start, end, prot)
        if error and rule["refuses"] == "before":
            return error
        for vma in list(mm.mmap):
            low, high = max(start, vma.vm_start), min(stop, vma.vm_end)
            if low < high and vma.vm_flags & 7 != prot:
                change(mm, vma, low, high, prot)
        return error

    def offence(mm, start, end, prot):
        if start % page:
            return Errno.EINVAL, start
        while start < end:
            vma = next((v for v in mm.mmap if v.vm_start <= start < v.vm_end), None)
            if vma is None:
                return Errno.ENOMEM, start
            if prot & ~(vma.vm_flags >> 4):
                return Errno.EACCES, start
            start = vma.vm_end
        return 0, end

    def change(mm, vma, start, stop, prot):
        i = mm.mmap.index(vma)
        borders = [vma.vm_start, *sorted({start, stop} - {vma.vm_start, vma.vm_end}), vma.vm_end]
        parts = [part(vma, low, high) for low, high in zip(borders, borders[1:], strict=False)]
        changed = next(p for p in parts if p.vm_start == start)
        changed.vm_flags = changed.vm_flags & ~7 | prot
        around = [*mm.mmap[max(i - 1, 0) : i], *parts, *mm.mmap[i + 1 : i + 2]]
        mm.mmap[max(i - 1, 0) : i + 2] = joined(around, changed)

    def part(vma, low, high):
        made = copy.copy(vma)
        made.vm_start, made.vm_end, made.vm_pgoff = low, high, vma.vm_pgoff + (low - vma.vm_start) // page
        return made

    def joined(around, changed):
        found = []
        for vma in around:
            if found and changed in (vma, found[-1]) and alike(found[-1], vma):
                changed = found[-1]
                found[-1].vm_end = vma.vm_end
            else:
                found.append(vma)
        return found

    def alike(low, high):
        same = (low.vm_end, low.vm_flags, low.vm_file) == (high.vm_start, high.vm_flags, high.vm_file)
        follows = (high.vm_pgoff - low.vm_pgoff) * page == high.vm_start - low.vm_start
        return same and follows and (low.name == high.name if rule["joins"] == "named" else low.vm_file is None)

    return {"find_vma": find_vma, "find_extend_vma": find_extend_vma, "do_mprotect": do_mprotect}


class Draft:
    """The regions of one trial, drawn for stacks that grow down, and mirrored for a sheet on which they grow up."""

    def __init__(self, rule, chance):
        self.rule, self.chance = rule, chance
        self.page, self.top = rule["page"], rule["chunk"] * 20_000
        self.names = chance.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 12)
        self.rows = []

    def add(self, at, pages, prot="rw", **more):
        """A region of pages ``[at, at + pages)``: the page where it ends."""
        if self.rule["grows"] == "up" and more.pop("mirror", False):
            at = self.top - at - pages
        more.pop("mirror", None)
        row = {"name": self.names.pop(), "may": "rwx", "flags": [], "file": None, "pgoff": at}
        self.rows.append(row | {"at": at, "pages": pages, "prot": prot} | more)
        return at + pages

    def trial(self, asks):
        """The trial of these regions."""
        return {"regions": sorted(self.rows, key=lambda row: row["at"]), "asks": asks}

    def byte(self, page, byte=None):
        """An address within a page: this byte of it, or any but the first and the last."""
        address = page * self.page + (self.chance.randrange(1, self.page - 1) if byte is None else byte % self.page)
        return self.top * self.page - 1 - address if self.rule["grows"] == "up" else address

    def file(self):
        """A file behind a region, somewhere in it."""
        return {"file": "file " + self.names.pop(), "pgoff": self.chance.randrange(1, 90)}


# --- find_vma


def layout(rule, chance):
    """Some regions, with holes between most of them: the draft, and the (first, last) page of each region and hole."""
    draft, at, regions, holes = Draft(rule, chance), chance.randrange(100, 200), [], []
    for i in range(5):
        pages, hole = chance.randrange(2, 6), 0 if i == 2 else chance.randrange(2, 9)
        end = draft.add(at, pages, chance.choice(["rw", "r", ""]), flags=["GROWSDOWN"] if i == 3 else [])
        regions.append((at, end - 1))
        holes += [(end, end + hole - 1)] if hole else []
        at = end + hole
    return draft, regions, holes


def find_case(rule, chance):
    """An address in the midst of each region and of each hole, below them all and above."""
    draft, regions, holes = layout(rule, chance)
    places = [chance.randrange(low, high + 1) for low, high in [*regions, *holes]]
    asks = [p * draft.page + chance.randrange(1, draft.page - 1) for p in [*places, regions[0][0] - 9]]
    chance.shuffle(asks)
    return Case(FIND, {"trials": [draft.trial(asks)]})


def edge_case(rule, chance):
    """The first and the last byte of each region, and the bytes before and behind them; a list with nothing in it."""
    draft, regions, _ = layout(rule, chance)
    size = draft.page
    asks = {a for low, high in regions for a in (low * size - 1, low * size, (high + 1) * size - 1, (high + 1) * size)}
    order = sorted(asks)
    chance.shuffle(order)
    return Case(EDGE, {"trials": [draft.trial(order), Draft(rule, chance).trial([chance.choice(order)])]})


# --- find_extend_vma


class Stack(Draft):
    """A trial with a stack in pages ``[start, end)``, drawn as if it grew down."""

    def __init__(self, rule, chance, start, end):
        super().__init__(rule, chance)
        self.start = start
        self.add(start, end - start, mirror=True, flags=["GROWSDOWN"])

    def other(self, start, end, prot="rw", **more):
        """Another region: the draft itself."""
        self.add(start, end - start, prot, mirror=True, **more)
        return self

    def ask(self, page, byte=None):
        """The trial that asks for this byte of this page."""
        return self.trial([self.byte(page, byte)])


def edges(rule, chance):
    """Somewhere a multiple of pages lies."""
    return rule["chunk"] * chance.randrange(500, 900)


def grow_case(rule, chance):
    """Addresses in, next to and far from a stack; in and next to a region that is none; beyond them all."""
    chunk, edge = rule["chunk"], edges(rule, chance)

    def stack(shift=0):
        draft = Stack(rule, chance, edge + shift, edge + shift + 3)
        far = edge - chunk * 9
        return draft.other(far, far + 4, chance.choice(["rw", "r"])).other(edge + 20, edge + 24)

    shift = chance.randrange(1, chunk)
    trials = [
        stack().ask(edge), stack().ask(edge - 1, -1), stack(shift).ask(edge + shift - 1, -1),
        stack(shift).ask(edge - chunk * 2 - 1), stack().ask(edge - chunk * 2, 0), stack().ask(edge - 1),
        stack().ask(edge - chunk * 9 + 1), stack().ask(edge + 12), stack().ask(edge + 24),
        stack().ask(edge - chunk * 9 - 1), stack(shift).ask(edge + shift, 0), stack(shift).ask(edge + shift + 2, -1),
        stack().ask(edge + 20, 0), stack().ask(edge + 23, -1),
    ]  # fmt: skip
    return shuffled(GROW, trials, chance)


def limit_case(rule, chance):
    """As much as the limit allows, a page more, and less that rounding makes more."""
    chunk, limit, edge = rule["chunk"], rule["limit"], edges(rule, chance)
    size = chunk + chance.randrange(1, 4)

    def stack(counted_from):
        # what the limit counts ends here: the end of the stack, or its start
        start = counted_from - size if rule["limits"] == "whole" else counted_from
        return Stack(rule, chance, start, start + size)

    exact = edge + limit
    crooked = exact + chance.randrange(1, chunk)
    trials = [
        stack(exact).ask(edge), stack(exact).ask(edge - 1, -1), stack(exact).ask(edge - chunk * 3),
        stack(crooked).ask(edge + crooked - exact), stack(crooked).ask(edge + chunk),
    ]  # fmt: skip
    return shuffled(LIMIT, trials, chance)


def gap_case(rule, chance):
    """Neighbours just far enough, too near, without rights, stacks themselves, under the rounded edge, behind."""
    chunk, gap, edge = rule["chunk"], rule["gap"], edges(rule, chance)

    def stack():
        return Stack(rule, chance, edge + chunk, edge + chunk + 3)

    def ends(page, prot="rw", **more):
        return stack().other(page - 3, page, prot, **more)

    top, within = edge + chunk - 1, edge + chance.randrange(1, chunk)
    trials = [
        ends(edge - gap).ask(within), ends(edge - gap + 1, "r").ask(top), ends(edge).ask(within),
        ends(edge - 1, "").ask(within), ends(edge - gap, "").ask(within), ends(edge + 1, "").ask(top),
        ends(edge - 1, flags=["GROWSDOWN"]).ask(top), ends(edge + 1).ask(top),
        stack().other(edge - 2, edge - 1, "").other(edge - 4, edge - 2, "r").ask(within),
        stack().other(edge + chunk + 3, edge + chunk + 5).ask(within),
    ]  # fmt: skip
    return shuffled(GAP, trials, chance)


def shuffled(idea, trials, chance):
    """A case of these trials, in any order."""
    chance.shuffle(trials)
    return Case(idea, {"trials": trials})


# --- do_mprotect


class Table(Draft):
    """A trial of do_mprotect: regions side by side from some page on."""

    def __init__(self, rule, chance):
        super().__init__(rule, chance)
        self.first = self.next = chance.randrange(100, 900)
        self.asks = []

    def put(self, prot="rw", pages=4, **more):
        """The next region, ``pages`` long; ``like`` the row before: the same name and file, and continuing it."""
        like = self.rows[-1] if more.pop("like", False) else {}
        if like:
            more = {k: like[k] for k in ("name", "file")} | {"pgoff": like["pgoff"] + self.next - like["at"]} | more
        self.next = self.add(self.next, pages, prot, **more)
        return self

    def hole(self, pages=3):
        """Nothing."""
        self.next += pages
        return self

    def ask(self, start, end, prot, cut=0, shift=0):
        """Pages ``[start, end)`` from the first region on, ``cut`` bytes less at the end, ``shift`` more before."""
        low, high = (self.first + start) * self.page + shift, (self.first + end) * self.page - cut
        self.asks.append([low, high, sum({"r": 1, "w": 2, "x": 4}[letter] for letter in prot)])
        return self

    def done(self):
        """The trial."""
        return self.trial(self.asks)


def split_case(rule, chance):
    """The middle, the start, the end, all of a region; two at once; half a page; rights that are there already."""

    def table():
        return Table(rule, chance)

    def of_file(pages=9):
        made = table()
        return made.put(pages=pages, **made.file())

    def two():
        made = table()
        return made.put(pages=5, **made.file()).put(pages=6, **made.file())

    a, b = chance.randrange(1, 4), chance.randrange(5, 8)
    odd = chance.randrange(1, rule["page"])
    trials = [
        table().put(pages=9).ask(a, b, "r"), of_file().ask(a, b, chance.choice(["r", "rx", ""])),
        of_file().ask(0, b, "r"), of_file().ask(a, 9, "r"), table().put(pages=9).ask(0, 9, "rx"),
        two().ask(a, 5 + a, "r"), of_file().ask(a, b, "r", cut=odd),
        of_file().ask(a, b, "r", cut=rule["page"] - 1), table().put(pages=9).ask(a, b, "rw"),
        of_file().ask(a, b, "rw"), of_file().ask(a, a, "r"),
    ]  # fmt: skip
    return shuffled(SPLIT, [trial.done() for trial in trials], chance)


def join_case(rule, chance):
    """There and back; between two; and every single thing that can keep two regions apart."""

    def start(files=False):
        made = Table(rule, chance)
        return made.put(pages=4, **(made.file() if files else {}))

    other = chance.choice(["LOCKED", "RAND_READ", "DONTCOPY"])
    trials = [
        start().ask(1, 2, "r").ask(1, 2, "rw"), start(files=True).ask(1, 3, "r").ask(1, 3, "rw"),
        start().put("r", 3, like=True).put(like=True).ask(4, 7, "rw"),
        start(files=True).put("r", 3, like=True).ask(4, 7, "rw"),
        start().put("r", like=True, flags=[other]).ask(4, 8, "rw"),
        start().put("r", like=True, name="other").ask(4, 8, "rw"),
        start().put("r", like=True, name="other").ask(0, 4, "r"),
        start().put("r", like=True, pgoff=chance.randrange(2000, 3000)).ask(4, 8, "rw"),
        start().put("r", like=True, file="another").ask(4, 8, "rw"),
        start().put(like=True).hole().put(pages=5).ask(12, 14, "r"),
        start().put("r", like=True).ask(2, 4, "r"), start().hole().put("r", like=True).ask(7, 11, "rw"),
        start().put("r", like=True).ask(1, 7, "r"), start().put("r", like=True).put("x", like=True).ask(0, 12, "rx"),
    ]  # fmt: skip
    return shuffled(JOIN, [trial.done() for trial in trials], chance)


def refuse_case(rule, chance):
    """Holes and rights that cannot be had, in the middle, at either end, and one after the other."""

    def start(prot="r", **more):
        return Table(rule, chance).put(prot, pages=5, **more)

    odd, a = chance.randrange(1, rule["page"]), chance.randrange(1, 4)
    trials = [
        start().hole(2).put("r").ask(a, 9, "rw"), start().put("r", may="r").ask(a, 7, "rw"),
        start().ask(-2, a, "rw"), start().ask(a, 7, "rw"), start().ask(a, 4, "rw", shift=odd),
        start().put("r", may="r").hole().put("r").ask(a, 14, "rw"), start().hole(2).put("r", may="r").ask(a, 9, "rw"),
        start("", may="rw").ask(a, 4, "rw"), start(may="rx").ask(a, 4, "rx"), start(may="rx").ask(a, 4, "rw"),
        start().put("r", may="r").ask(a, 8, "r"),
    ]  # fmt: skip
    return shuffled(REFUSE, [trial.done() for trial in trials], chance)


MAKERS = {
    "find": find_case, "find-edge": edge_case, "grow": grow_case, "grow-limit": limit_case, "grow-gap": gap_case,
    "split": split_case, "join": join_case, "refuse": refuse_case,
}  # fmt: skip


def visible(rule, chance: Random):
    """An example of each: it has a trial for every side of its idea."""
    return {name: [make(rule, chance)] for name, make in MAKERS.items()}


def hidden(rule, chance: Random):
    """Four of each."""
    return {name: [make(rule, chance) for _ in range(4)] for name, make in MAKERS.items()}
