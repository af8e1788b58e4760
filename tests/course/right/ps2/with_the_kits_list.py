"""The kit's own insert_vma and remove_vma, new regions in place of old ones, numbers in place of Errno."""

from bisect import bisect_right

from gupkit.kernel.vma import VMA, insert_vma, remove_vma

PAGE = sheet["page"]


def find_vma(mm, address):
    if sheet["grows"] == "down":
        i = bisect_right([vma.vm_end for vma in mm.mmap], address)
    else:
        i = bisect_right([vma.vm_start for vma in mm.mmap], address) - 1
    return mm.mmap[i] if 0 <= i < len(mm.mmap) else None


def find_extend_vma(mm, address):
    found = find_vma(mm, address)
    if found and not found.vm_start <= address < found.vm_end:
        unit = sheet["chunk"] * PAGE
        low = min(found.vm_start, address - address % unit) if sheet["grows"] == "down" else found.vm_start
        high = max(found.vm_end, address - address % unit + unit) if sheet["grows"] == "up" else found.vm_end
        if not allowed(mm, found, low, high):
            return None
        found.vm_pgoff += (low - found.vm_start) // PAGE
        found.vm_start = low
        found.vm_end = high
    return found


def allowed(mm, stack, low, high):
    added = high - low - (stack.vm_end - stack.vm_start)
    counted = high - low if sheet["limits"] == "whole" else added
    if not stack.vm_flags & VM_GROWSDOWN or counted // PAGE > sheet["limit"]:
        return False
    wide = sheet["gap"] * PAGE
    down = sheet["grows"] == "down"
    for other in mm.mmap:
        free = (low - wide, high) if down else (low, high + wide)
        if sheet["gap_to"] == "usable" and other.vm_flags % 8 == 0:
            free = low, high
        if other is not stack and other.vm_start < free[1] and other.vm_end > free[0]:
            return False
    return True


def do_mprotect(mm, start, end, prot):
    if start % PAGE != 0:
        return -22
    while end % PAGE:
        end += 1
    inside = [v for v in mm.mmap if start < end and v.vm_start < end and v.vm_end > start]
    at = start
    for vma in [*inside, None]:
        error = 0
        if at < end and (vma is None or vma.vm_start > at):
            error = -12
        elif vma is not None and vma.vm_flags // 16 & prot != prot:
            error = -13
        if error:
            break
        at = vma.vm_end if vma is not None else end
    if error and sheet["refuses"] == "before":
        return error
    stop = min(end, at)
    for vma in inside:
        if any(vma is other for other in mm.mmap) and vma.vm_flags % 8 != prot:
            replace(mm, vma, max(start, vma.vm_start), min(stop, vma.vm_end), prot)
    return error


def replace(mm, vma, low, high, prot):
    if low >= high:
        return
    pieces = [like(vma, vma.vm_start, low), like(vma, low, high, prot), like(vma, high, vma.vm_end)]
    remove_vma(vma)
    for piece in pieces:
        if piece.vm_start < piece.vm_end:
            insert_vma(mm, piece)
    middle = pieces[1]
    below = [v for v in mm.mmap if v.vm_end == middle.vm_start]
    above = [v for v in mm.mmap if v.vm_start == middle.vm_end]
    for low, high in [(middle, v) for v in above] + [(v, middle) for v in below]:
        if one(low, high):
            end = high.vm_end
            remove_vma(high)
            low.vm_end = end


def like(vma, low, high, prot=None):
    flags = vma.vm_flags if prot is None else vma.vm_flags // 8 * 8 + prot
    made = VMA(vma.vm_mm, low, high, flags, vma.vm_pgoff + (low - vma.vm_start) // PAGE, vma.vm_file)
    made.name = vma.name
    return made


def one(low, high):
    if sheet["joins"] == "anonymous" and (low.vm_file or high.vm_file):
        return False
    if sheet["joins"] == "named" and low.name != high.name:
        return False
    as_if = low.vm_pgoff + (low.vm_end - low.vm_start) // PAGE
    return (low.vm_flags, low.vm_file, as_if) == (high.vm_flags, high.vm_file, high.vm_pgoff)
