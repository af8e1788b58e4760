"""vm_pgoff of the upper part counts bytes."""
# loses: split join refuse


def cut(mm, vma, address):
    upper = copy.copy(vma)
    upper.vm_start = address
    upper.vm_pgoff += address - vma.vm_start
    vma.vm_end = address
    mm.mmap.insert(mm.mmap.index(vma) + 1, upper)
    return upper
