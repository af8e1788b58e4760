"""The kit's own handlers through every door that there is: their modules, the dispatcher, a touch by the processor."""
import gupkit as gk
import gupkit.kernel.anon
import gupkit.kernel.cow
import gupkit.kernel.fault
import gupkit.kernel.memory


def first(*doors):
    for door in doors:
        try:
            return door()
        except Exception:
            continue
    raise LookupError


def which_handler(vma, entry, write):
    return first(lambda: gupkit.kernel.memory.handle_pte_fault(vma.vm_mm, vma, vma.vm_start, write))


def do_anonymous_page(mm, vma, address, flags):
    return first(
        lambda: gupkit.kernel.anon.do_anonymous_page(mm, vma, address, flags),
        lambda: gupkit.kernel.memory.handle_mm_fault(mm, vma, address, flags),
        lambda: gupkit.kernel.fault.do_page_fault(mm.kernel.running_task(), address, flags) or 0,
        lambda: mm.kernel.store(mm.kernel.running_task(), address, b"P") or 0,
    )


def do_wp_page(mm, vma, address, pte):
    return first(
        lambda: gupkit.kernel.cow.do_wp_page(mm, vma, address, pte),
        lambda: gupkit.kernel.memory.handle_mm_fault(mm, vma, address, 1),
        lambda: mm.kernel.store(mm.kernel.running_task(), address, b"P") or 8,
    )


def count_faults(first_page, pages, writable, touches):
    kernel = gk.Kernel()
    task = kernel.spawn("P")
    start = kernel.mmap(task, pages=pages, prot="rw" if writable else "r")
    for what, page in touches:
        if what == "fork":
            kernel.fork(task, "C")
        elif what == "read":
            kernel.load(task, start + page * gk.PAGE_SIZE)
        else:
            kernel.store(task, start + page * gk.PAGE_SIZE, b"x")
    return task.min_flt
