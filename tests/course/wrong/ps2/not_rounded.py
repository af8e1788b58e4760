"""The stack is grown to the very byte."""
# loses: grow grow-limit grow-gap


def find_extend_vma(mm, address):
    vma = find_vma(mm, address)
    if vma is None or vma.vm_start <= address < vma.vm_end:
        return vma
    if not vma.vm_flags & VM_GROWSDOWN:
        return None
    page = sheet["page"]
    chunk = sheet["chunk"] * page
    start, end = vma.vm_start, vma.vm_end
    if sheet["grows"] == "down":
        start = address
    else:
        end = address + 1
    size = end - start
    if sheet["limits"] == "growth":
        size -= vma.vm_end - vma.vm_start
    if size > sheet["limit"] * page:
        return None
    gap = sheet["gap"] * page
    for other in mm.mmap:
        if other is vma:
            continue
        if other.vm_end > start and other.vm_start < end:
            return None
        if sheet["gap_to"] == "usable" and not other.vm_flags & (VM_READ | VM_WRITE | VM_EXEC):
            continue
        if sheet["grows"] == "down" and other.vm_end <= start and start - other.vm_end < gap:
            return None
        if sheet["grows"] == "up" and other.vm_start >= end and other.vm_start - end < gap:
            return None
    vma.vm_pgoff -= (vma.vm_start - start) // page
    vma.vm_start, vma.vm_end = start, end
    return vma
