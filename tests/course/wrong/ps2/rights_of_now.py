"""What may be had is what there is: VM_READ is asked and not VM_MAYREAD."""
# loses: split join refuse


def do_mprotect(mm, start, end, prot):
    page = sheet["page"]
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
        if prot & ~(vma.vm_flags):
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
