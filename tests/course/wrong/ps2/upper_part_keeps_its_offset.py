"""The upper part of a cut region begins where the lower one does in the file."""
# loses: split join refuse


def cut(mm, vma, address):
    upper = copy.copy(vma)
    upper.vm_start = address
    vma.vm_end = address
    mm.mmap.insert(mm.mmap.index(vma) + 1, upper)
    return upper
