"""The list is written anew from single pages each time; finding goes through all of it."""

import itertools


def find_vma(mm, address):
    here = [v for v in mm.mmap if v.vm_start <= address < v.vm_end]
    above = [v for v in mm.mmap if v.vm_start > address]
    below = [v for v in mm.mmap if v.vm_end <= address]
    return (here + (above[:1] if sheet["grows"] == "down" else below[-1:]) + [None])[0]


def find_extend_vma(mm, address):
    stack = find_vma(mm, address)
    if stack is None or address in range(stack.vm_start, stack.vm_end):
        return stack
    if not stack.vm_flags & VM_GROWSDOWN:
        return None
    page, chunk = sheet["page"], sheet["chunk"]
    old = range(stack.vm_start // page, stack.vm_end // page)
    first = address // page // chunk * chunk
    new = range(first, old.stop) if sheet["grows"] == "down" else range(old.start, first + chunk)
    if len(new) - (len(old) if sheet["limits"] == "growth" else 0) > sheet["limit"]:
        return None
    gap = sheet["gap"]
    kept = range(new.start - gap, new.start) if sheet["grows"] == "down" else range(new.stop, new.stop + gap)
    for other in mm.mmap:
        theirs = set(range(other.vm_start // page, other.vm_end // page))
        if other is not stack and theirs & set(new):
            return None
        if theirs & set(kept) and (sheet["gap_to"] == "any" or other.vm_flags & 7):
            return None
    stack.vm_start, stack.vm_end = new.start * page, new.stop * page
    stack.vm_pgoff -= old.start - new.start
    return stack


def do_mprotect(mm, start, end, prot):
    page = sheet["page"]
    if start % page:
        return Errno.EINVAL
    wanted = range(start // page, -(-end // page))
    errors = [(n, why) for n in wanted if (why := refusal(holder(mm, n * page), prot))]
    if errors and sheet["refuses"] == "before":
        return errors[0][1]
    done = set(range(wanted.start, errors[0][0]) if errors else wanted)
    changed = {n for n in done if holder(mm, n * page).vm_flags & 7 != prot}
    pages = [(vma, n, n in changed) for vma in mm.mmap for n in range(vma.vm_start // page, vma.vm_end // page)]
    made = []
    for (vma, new), group in itertools.groupby(pages, key=lambda p: (p[0], p[2])):
        numbers = [n for _, n, _ in group]
        piece = copy.copy(vma)
        piece.vm_start, piece.vm_end = numbers[0] * page, (numbers[-1] + 1) * page
        piece.vm_pgoff = vma.vm_pgoff + numbers[0] - vma.vm_start // page
        if new:
            piece.vm_flags = vma.vm_flags - (vma.vm_flags & 7) + prot
        if made and (new or made[-1][1]) and same(made[-1][0], piece):
            made[-1][0].vm_end = piece.vm_end
            made[-1][1] = new
        else:
            made.append([piece, new])
    mm.mmap = [piece for piece, _ in made]
    return errors[0][1] if errors else 0


def holder(mm, address):
    return next((v for v in mm.mmap if v.vm_start <= address < v.vm_end), None)


def refusal(vma, prot):
    if vma is None:
        return Errno.ENOMEM
    return Errno.EACCES if prot & ~(vma.vm_flags >> 4) else None


def same(low, high):
    names = low.name == high.name if sheet["joins"] == "named" else low.vm_file is None
    ends = low.vm_end == high.vm_start
    follows = low.vm_pgoff + (low.vm_end - low.vm_start) // sheet["page"] == high.vm_pgoff
    return names and ends and follows and (low.vm_flags, low.vm_file) == (high.vm_flags, high.vm_file)
