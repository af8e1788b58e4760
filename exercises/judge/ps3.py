"""The judge of ps3: the four functions for every sheet, and the cases."""

from random import Random

from gupkit.course.model import Case
from gupkit.course.stage import START
from gupkit.kernel.compound import page_count
from gupkit.kernel.content import ZEROS
from gupkit.kernel.dirty import set_page_dirty
from gupkit.kernel.flags import FAULT_FLAG_WRITE, VM_FAULT_OOM, VM_FAULT_WRITE, VM_READ, VM_SHARED, VM_WRITE
from gupkit.kernel.page import PG_lru, PG_uptodate, alloc_page, page_cache_get, page_cache_release
from gupkit.kernel.pgtable import (
    _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_RW, PAGE_SIZE, PMD_SIZE, mk_pte, pte_at, pte_mkdirty, pte_mkspecial, pte_mkwrite,
    pte_mkyoung, pte_present, set_pte_at,
)  # fmt: skip
from gupkit.kernel.rmap import anon_vma_prepare, page_add_file_rmap, page_add_new_anon_rmap, page_remove_rmap
from gupkit.kernel.zap import vm_normal_page

EMPTY = "An empty entry is filled from the file, by rule 1, or as anonymous memory; one that names swap is not empty."
PRESENT = "A present entry faults if it forbids the write, and, by rule 2, if it lacks a mark that nobody else sets."
REFUSED = "The region's rights come first: what it does not allow is SIGSEGV, whatever the entry says."
FILL_READ = "What a reader of an empty page gets is rule 3: the zero page or a frame, and what each of them counts."
FILL_WRITE = "A writer gets a fresh frame; its entry is writable and dirty only where the region may be written."
GROUP = "A write fills its group (rule 4) within the region, where nothing is yet, as long as there is memory."
TAKE = "Rule 5 says whose page a writer takes over; nothing but the entry changes then."
COPY = "A copy has the old content; the old page loses a mapping and a reference; without memory nothing changes."
FILE = "A page of a file is written itself only in a shared, writable region (rule 6); else it is copied, and left."
ODD = "The zero page is copied like any other, and counted as rule 3 has it; no entry is more writable than its region."
COUNT = "A fault is what the entry does not allow (rules 2 and 3), and one fault can fill a group (rule 4)."
FORK = "After a fork every entry that was there is read-only, so the next write to it is one fault, for one page."


def answers(rule):
    """The reference."""
    by_hand = _PAGE_ACCESSED if rule["marks"] == "young" else _PAGE_DIRTY

    def which_handler(vma, entry, write):
        if not vma.vm_flags & (VM_WRITE if write else VM_READ):
            return "SIGSEGV"
        if entry == 0:
            return for_file(vma, write) if vma.vm_file is not None else "do_anonymous_page"
        if not pte_present(entry):
            return "do_swap_page"
        if write and not entry & _PAGE_RW:
            return "do_wp_page"
        marked = entry & by_hand or (rule["marks"] == "dirty" and not write)
        return "no fault" if marked else f"mark_{rule['marks']}"

    def for_file(vma, write):
        if vma.vm_flags & VM_SHARED and (write or rule["file"] == "sharing"):
            return "do_shared_fault"
        if rule["file"] == "sharing":
            return "do_private_fault"
        return "do_cow_fault" if write else "do_read_fault"

    def fresh(vma, content=ZEROS):
        anon_vma_prepare(vma)
        page = alloc_page(vma.vm_mm.kernel, content)
        if page is not None:
            page.flags |= PG_uptodate | PG_lru
        return page

    def for_vma(vma, entry):
        return pte_mkwrite(entry) if vma.vm_flags & VM_WRITE else entry

    def map_fresh(vma, address, page, bits):
        page_add_new_anon_rmap(page, vma, address)
        set_pte_at(vma.vm_mm, address, for_vma(vma, mk_pte(page.pfn, vma.vm_page_prot)) | bits)

    def do_anonymous_page(mm, vma, address, flags):
        write = flags & FAULT_FLAG_WRITE
        if not write and (rule["zero"] == "counted" or not vma.vm_flags & VM_WRITE):
            return map_zero(mm, vma, address)
        page = fresh(vma)
        if page is None:
            return VM_FAULT_OOM
        map_fresh(vma, address, page, _PAGE_DIRTY if write and vma.vm_flags & VM_WRITE else 0)
        if write:
            fill_group(mm, vma, address)
        return 0

    def map_zero(mm, vma, address):
        zero = mm.kernel.zero_page
        entry = mk_pte(zero.pfn, vma.vm_page_prot)
        if rule["zero"] == "counted":
            page_cache_get(zero)
            page_add_file_rmap(zero)
        else:
            entry = pte_mkspecial(entry)
        set_pte_at(mm, address, entry)
        return 0

    def fill_group(mm, vma, address):
        size = rule["group"] * PAGE_SIZE
        start = address // size * size
        for at in range(max(start, vma.vm_start), min(start + size, vma.vm_end), PAGE_SIZE):
            if pte_at(mm, at) == 0:
                page = fresh(vma)
                if page is None:
                    return
                map_fresh(vma, at, page, 0)

    def do_wp_page(mm, vma, address, pte):
        old = vm_normal_page(vma, pte)
        if old is not None and old.anon and may_take(vma, old):
            set_pte_at(mm, address, for_vma(vma, pte_mkdirty(pte_mkyoung(pte))))
            return VM_FAULT_WRITE
        if is_shared_page(vma, old):
            if rule["dirties"] == "page":
                set_page_dirty(old)
            set_pte_at(mm, address, pte_mkwrite(pte_mkyoung(pte)) | _PAGE_DIRTY * (rule["dirties"] == "entry"))
            return VM_FAULT_WRITE
        new = fresh(vma, ZEROS if old is None else old.content)
        if new is None:
            return VM_FAULT_OOM
        map_fresh(vma, address, new, _PAGE_DIRTY)
        if old is not None:
            page_remove_rmap(old)
            page_cache_release(old)
        return VM_FAULT_WRITE

    def may_take(vma, page):
        allowed = page_count(page) <= rule["most"] if rule["reuse"] == "bounded" else not vma.inherited
        return page.mapcount == 1 and allowed

    def is_shared_page(vma, page):
        of_file = page is not None and page is not vma.vm_mm.kernel.zero_page and not page.anon
        return of_file and vma.vm_flags & (VM_SHARED | VM_WRITE) == VM_SHARED | VM_WRITE

    def count_faults(first, pages, writable, touches):
        model = Model(rule, first, pages, writable)
        for what, page in touches:
            model.touch(what, page)
        return model.faults

    return {
        "which_handler": which_handler, "do_anonymous_page": do_anonymous_page, "do_wp_page": do_wp_page,
        "count_faults": count_faults,
    }  # fmt: skip


class Model:
    """What the entries of one region are like: for each page none, or the set of what it is (writable, dirty)."""

    def __init__(self, rule, first, pages, writable):
        self.rule, self.first, self.pages, self.region_writable = rule, first, pages, writable
        self.entries = {}
        self.faults = 0

    def touch(self, what, page):
        """A read, a write or a fork."""
        if what == "fork":
            self.entries = {n: entry - {"writable"} for n, entry in self.entries.items()}
        elif page not in self.entries:
            self.faults += 1
            self.fill(page, what == "write")
        elif what == "write":
            entry = self.entries[page]
            self.faults += "writable" not in entry or (self.rule["marks"] == "dirty" and "dirty" not in entry)
            self.entries[page] = {"writable", "dirty"}

    def fill(self, page, write):
        """An empty page is touched."""
        if not write:
            fresh = self.rule["zero"] == "unwritable" and self.region_writable
            self.entries[page] = {"writable"} if fresh else set()
            return
        self.entries[page] = {"writable", "dirty"}
        group = (self.first + page) // self.rule["group"]
        for other in range(self.pages):
            if (self.first + other) // self.rule["group"] == group:
                self.entries.setdefault(other, {"writable"})


# --- cases


class Draft:
    """The history of a machine, under names that say nothing.

    ``phase``: where in its group a region's first page is.
    """

    def __init__(self, rule, chance):
        self.group, self.chance = rule["group"], chance
        self.names = chance.sample("ABDEFGHIJKLMNOQRSTUVWXYZ", 20)
        self.steps = []
        self.region = ""

    def map(self, pages=1, past="", **how):
        """The next region; its pages ``past``: ``store``, ``load`` or nothing."""
        if "phase" in how:
            how["first"] = self.page_in_group(how.pop("phase"))
        self.region = self.names.pop()
        if how.get("file") == "new":
            how["file"] = f"{self.region}.dat"
            self.steps.append(["file", how["file"], pages])
        self.steps.append(["map", self.region, pages, how])
        return self.then(*([past, page] for page in range(pages if past else 0)))

    def page_in_group(self, phase):
        """Where a region must begin, in pages, so that its first page is this one of its group."""
        known = sum(step[0] == "map" for step in self.steps)
        here = START // PAGE_SIZE + known * 4 * PMD_SIZE // PAGE_SIZE
        return (phase - here) % self.group + self.group * self.chance.randrange(1, 400 // self.group)

    def file(self, share="private", **how):
        """A region over a file of its own."""
        return self.map(file="new", share=share, **how)

    def then(self, *steps):
        """More steps, about this region: what, and what follows the region's name."""
        self.steps += [[what, self.region, *more] for what, *more in steps]
        return self

    def fork(self):
        """P forks C."""
        self.steps.append(["fork", "C"])
        return self

    def gone(self):
        """C exits."""
        self.steps.append(["exit", "C"])
        return self

    def no_memory(self, after=1):
        """The frame that is asked for ``after`` others is refused."""
        self.steps.append(["refuse frame", after])
        return self

    def touch(self, page=0, write=True, process="P"):
        """The touch: of the region named last."""
        return {"steps": self.steps, "touch": [process, self.region, page, write]}


def who_case(idea, rule, chance, makers):
    """Regions, each with a history, on one machine; every page is asked about, for reading and writing."""
    draft, regions = Draft(rule, chance), []
    # what is mapped at a fork is shared by it: so those come first
    for make, forked in sorted(shuffled(makers, chance), key=lambda made: not made[1]):
        if not forked and regions and regions[-1][1]:
            draft.fork()
        make(draft)
        regions.append((draft.region, forked))
    asks = [[name, 0, write] for name, _ in regions for write in (False, True)]
    return Case(idea, {"steps": draft.steps, "asks": shuffled(asks, chance)})


def shuffled(things, chance):
    """The things in any order."""
    return chance.sample(things, len(things))


def never(*makers):
    """Regions that no fork shares."""
    return [(make, False) for make in makers]


EMPTIES = never(
    lambda d: d.map(), lambda d: d.map(past="store").then(["reclaim", 0]), lambda d: d.map(prot="rwx"),
    *(lambda d, share=share: d.file(share) for share in ("private", "shared")),
    lambda d: d.file(past="store").then(["reclaim", 0]), lambda d: d.file("shared", past="store").then(["reclaim", 0]),
)  # fmt: skip
PRESENTS = never(
    *(lambda d, past=past: d.map(past=past) for past in ("store", "load")),
    *(lambda d, past=past, share=share: d.file(share, past=past)
      for past in ("store", "load") for share in ("private", "shared")),
    *(lambda d, how=how: d.map(past="store").then(*([h, 0] for h in how))
      for how in (["make old"], ["make clean"], ["make old", "make clean"])),
    lambda d: d.map(past="load").then(["make old", 0]), lambda d: d.file(past="load").then(["make old", 0]),
    lambda d: d.map(past="store").then(["protect", 0, 1, "r"], ["protect", 0, 1, "rw"]),
) + [(lambda d: d.map(past="store"), True)]  # fmt: skip
REFUSALS = never(
    *(lambda d, prot=prot: d.map(prot=prot) for prot in ("r", "w", "x", "")),
    *(lambda d, prot=prot: d.map(past="store").then(["protect", 0, 1, prot]) for prot in ("r", "w", "x", "")),
    lambda d: d.map(past="store").then(["reclaim", 0], ["protect", 0, 1, "r"]), lambda d: d.file("shared", prot="r"),
    lambda d: d.map(past="load").then(["make old", 0], ["protect", 0, 1, "w"]), lambda d: d.file(prot="x"),
)  # fmt: skip


def fill_reads(rule, new, chance):
    """Reads of untouched pages, in regions that may be written and in others; with no memory."""
    del rule
    page = chance.randrange(1, 4)
    yield from (new().map(5, prot=prot).touch(page, write=False) for prot in ("rw", "r", "rwx", "rx"))
    yield new().map(5, past="store").map(5, past="load").map(4).touch(page, write=False)
    yield from (new().map(3, prot=prot).no_memory().touch(1, write=False) for prot in ("rw", "r"))
    yield new().map(3).fork().touch(1, write=False, process="C")


def fill_writes(rule, new, chance):
    """Writes to single untouched pages, forced ones too, and with no memory."""
    phase = chance.randrange(rule["group"])
    yield from (new().map(prot=prot, phase=phase).touch() for prot in ("rw", "r", "rwx", ""))
    yield from (new().map(prot=prot, phase=phase).no_memory().touch() for prot in ("rw", "r"))
    yield new().map(2, past="store").map(phase=phase).touch()
    yield new().map(phase=phase).fork().touch(process="C")


def fill_groups(rule, new, chance):
    """Groups inside a region, over both of its ends, half full, and with too little memory."""
    size = rule["group"]
    inside = chance.randrange(size)

    def region(pages, phase=0, **how):
        return new().map(pages, phase=phase, **how)

    yield from (region(3 * size, prot=prot).touch(size + inside) for prot in ("rw", "r"))
    yield region(2 * size, phase=size - 1).touch(0)
    yield from (region(2 * size + 1).touch(page) for page in (0, 2 * size, size - 1, size))
    other = (inside + 1) % size
    yield region(2 * size).then(["load", other]).touch(inside)
    yield region(3 * size).then(["store", 0]).touch(size)
    yield region(size).no_memory().touch(size - 1)
    yield from (region(size).no_memory(after).touch(inside) for after in (2, 3))
    yield region(size).then(["store", other], ["reclaim", other]).touch(inside)
    yield new().map(2, past="store").map(2 * size, phase=0).touch(size + inside)


def takes(rule, new, chance):
    """Pages that only one entry maps, with more and with fewer references; in the parent and in the child."""

    def alone():
        return new().map(2, past="store").fork().gone()

    yield alone().touch(chance.randrange(2))
    yield new().map(past="store").fork().then(["store", 0, "C"]).touch()
    yield new().map(past="store").fork().then(["store", 0]).touch(process="C")
    yield from (alone().then(["hold", 0, n]).touch() for n in (rule["most"] - 1, rule["most"], rule["most"] + 2))
    yield alone().then(["make old", 0], ["make clean", 0]).touch()
    yield new().map(past="store").then(["protect", 0, 1, "r"], ["protect", 0, 1, "rw"]).touch()
    yield alone().no_memory().touch()


def copies(rule, new, chance):
    """Pages that two entries map, or more; held by others; with no memory."""
    del rule
    page, most = chance.randrange(2), chance.randrange(1, 5)

    def shared():
        return new().map(2, past="store").fork()

    yield from (shared().touch(page, process=process) for process in ("P", "C"))
    yield from (shared().no_memory().touch(page, process=process) for process in ("P", "C"))
    yield shared().then(["hold", page, most]).touch(page)
    yield shared().then(["make old", page]).touch(page)
    yield new().map(past="store", prot="rwx").map(2, past="store").fork().touch(1)


def files(rule, new, chance):
    """Pages of files, in private and in shared regions, written through a clean entry and through an old one."""
    del rule
    page = chance.randrange(2)

    def region(share, **how):
        return new().file(share, pages=2, past="load", **how)

    yield from (region(share).touch(page) for share in ("private", "shared"))
    yield from (region(share).then(["make old", page]).touch(page) for share in ("private", "shared"))
    yield from (region(share).no_memory().touch(page) for share in ("private", "shared"))
    yield region("private").fork().touch(page)
    yield region("shared").fork().then(["load", page, "C"]).touch(page, process="C")
    yield region("shared").then(["hold", page, 3]).touch(page)


def odd_ones(rule, new, chance):
    """The zero page, counted as the sheet has it; writes by force to regions that may not be written."""
    page = chance.randrange(2)

    def zero(prot, *more):
        made = new().map(2, past="load").then(*more)
        if rule["zero"] == "counted":
            made.then(*(["count zero", n] for n in range(2)))
        return made.then(["protect", 0, 2, prot])

    yield from (zero(prot).touch(page) for prot in ("rw", "r", ""))
    yield zero("rw").no_memory().touch(page)
    yield from (new().map(past="store").then(["protect", 0, 1, prot]).touch() for prot in ("r", ""))
    yield new().map(past="store").then(["protect", 0, 1, "r"]).fork().touch()
    yield from (new().file(share, past="load", prot="r").touch() for share in ("private", "shared"))
    if rule["zero"] == "counted":
        yield new().map(past="load").then(["count zero", 0]).touch()


def programs(rule, chance, fork):
    """Touches of a region: some at random, some for each thing that can go wrong."""
    size = rule["group"]
    first = size * chance.randrange(50, 200) + chance.randrange(1, size)  # the region does not begin with a group
    pages = 2 * size + chance.randrange(1, 4)

    def at_random(count):
        return [[chance.choice(["read", "write"]), chance.randrange(pages)] for _ in range(count)]

    def program(*touches, writable=True, pages=pages, first=first):
        return {"first": first, "pages": pages, "writable": writable, "touches": list(touches)}

    edge = size - first % size  # the first page of the region that begins a group
    every = [["write", n] for n in range(pages)]
    reads = [["read", n] for n in range(pages)]
    if not fork:
        return [
            program(["read", 1], ["write", 1], ["write", 1]), program(*every), program(*every[::-1]), program(*reads),
            program(*reads, *every), program(*reads, writable=False), program(*reads, *reads, writable=False),
            program(["write", edge], ["read", edge + 1], ["write", edge + 1], ["write", edge - 1]),
            program(["write", 0], ["write", pages - 1], *reads), program(*at_random(14)),
            program(["read", edge + 1], ["write", edge], ["write", edge + 1]), program(),
            program(*every, first=first // size * size + size - 1),
        ]  # fmt: skip
    half = pages // 2
    return [
        program(["write", 0], ["fork", None], ["write", 0], ["write", 0]), program(["fork", None], *every),
        program(*every[:half], ["fork", None], *reads), program(*every[:half], ["fork", None], *every),
        program(*reads, ["fork", None], *every), program(["read", 1], ["fork", None], ["read", 1], writable=False),
        program(["write", edge], ["fork", None], ["write", edge + 1], ["write", edge]),
        program(["fork", None], ["read", 1], ["write", 1]),
        program(*at_random(6), ["fork", None], *at_random(10)),
        program(["write", 0], ["fork", None], ["write", 0], ["fork", None], ["write", 0], ["read", 0]),
    ]  # fmt: skip


TOUCHES = {
    "fill-read": (FILL_READ, fill_reads), "fill-write": (FILL_WRITE, fill_writes), "fill-group": (GROUP, fill_groups),
    "wp-take": (TAKE, takes), "wp-copy": (COPY, copies), "wp-file": (FILE, files), "wp-odd": (ODD, odd_ones),
}  # fmt: skip


WHO = {
    "who-empty": (EMPTY, EMPTIES), "who-present": (PRESENT, PRESENTS), "who-refused": (REFUSED, REFUSALS),
}  # fmt: skip
PROGRAMS = {"count": (COUNT, False), "count-fork": (FORK, True)}


def dealt(rule, chance, idea, make, parts):
    """All touches of a maker, in any order, dealt to so many cases."""
    made = shuffled(list(make(rule, lambda: Draft(rule, chance), chance)), chance)
    return [Case(idea, made[part::parts]) for part in range(parts)]


def some(rule, chance, count):
    """``count`` cases of each check."""
    touched = {name: dealt(rule, chance, idea, make, count) for name, (idea, make) in TOUCHES.items()}
    asked = {
        name: [who_case(idea, rule, chance, makers) for _ in range(count)] for name, (idea, makers) in WHO.items()
    }  # fmt: skip
    counted = {
        name: [Case(idea, programs(rule, chance, fork)) for _ in range(count)]
        for name, (idea, fork) in PROGRAMS.items()
    }  # fmt: skip
    return touched | asked | counted


def visible(rule, chance: Random):
    """An example of each: it has a touch for every side of its idea."""
    return some(rule, chance, 1)


def hidden(rule, chance: Random):
    """Three of each; the touches of the three have every side again."""
    return some(rule, chance, 3)
