"""The size of a page is known by heart."""
# loses: grow grow-limit grow-gap split join refuse


def find_extend_vma(mm, address):
    vma = find_vma(mm, address)
    if vma is None or vma.vm_start <= address < vma.vm_end:
        return vma
    if not vma.vm_flags & VM_GROWSDOWN:
        return None
    page = 4096
    chunk = sheet["chunk"] * page
    start, end = vma.vm_start, vma.vm_end
    if sheet["grows"] == "down":
        start = address // chunk * chunk
    else:
        end = address // chunk * chunk + chunk
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


def do_mprotect(mm, start, end, prot):
    page = 4096
    if start % page:
        return Errno.EINVAL
    end = (end + page - 1) // page * page
    error = 0
    work = []
    at = start
    while at < end:
        vma = holder(mm, at)
        if vma is None:
            error = Errno.ENOMEM
            break
        if prot & ~(vma.vm_flags >> 4):
            error = Errno.EACCES
            break
        work.append((at, min(end, vma.vm_end)))
        at = vma.vm_end
    if error and sheet["refuses"] == "before":
        return error
    for low, high in work:
        vma = holder(mm, low)
        if vma.vm_flags & 7 == prot:
            continue
        if vma.vm_start < low:
            vma = cut(mm, vma, low)
        if high < vma.vm_end:
            cut(mm, vma, high)
        vma.vm_flags = vma.vm_flags & ~7 | prot
        join(mm, vma)
    return error


def cut(mm, vma, address):
    upper = copy.copy(vma)
    upper.vm_start = address
    upper.vm_pgoff += (address - vma.vm_start) // 4096
    vma.vm_end = address
    mm.mmap.insert(mm.mmap.index(vma) + 1, upper)
    return upper


def alike(low, high):
    if low.vm_end != high.vm_start or low.vm_flags != high.vm_flags or low.vm_file is not high.vm_file:
        return False
    if high.vm_pgoff - low.vm_pgoff != (high.vm_start - low.vm_start) // 4096:
        return False
    if sheet["joins"] == "named":
        return low.name == high.name
    return low.vm_file is None
