"""Linux's own rules, as sheet.solution shows them: the sheet was not read."""
# loses: grow grow-limit grow-gap split join refuse
# loses where grows is up: find find-edge


# The kernel's own rule: the first region that ends above the address. It may begin above it, too.
def find_vma(mm, address):
    for vma in mm.mmap:                  # in the order of addresses
        if vma.vm_end > address:         # vm_end is the first address that no longer belongs to it
            return vma
    return None

# The kernel's own rule (4.12 and later): pages of 4 KiB, 8 MiB for a stack, 256 pages to the region below.
def find_extend_vma(mm, address):
    vma = find_vma(mm, address)
    if vma is None or vma.vm_start <= address:
        return vma                                   # nothing there, or it holds the address already
    if not vma.vm_flags & VM_GROWSDOWN:
        return None                                  # a hole below a region that cannot grow
    start = address & ~0xFFF                         # whole pages only
    if vma.vm_end - start > 8 << 20:
        return None                                  # RLIMIT_STACK counts all of the stack
    below = [other for other in mm.mmap if other.vm_end <= vma.vm_start][-1:]
    for other in below:
        usable = other.vm_flags & (VM_READ | VM_WRITE | VM_EXEC) and not other.vm_flags & VM_GROWSDOWN
        if other.vm_end > start or usable and start - other.vm_end < 256 << 12:
            return None                              # into another region, or too near to one
    vma.vm_pgoff -= vma.vm_start - start >> 12       # page number of vm_start: it moves with it
    vma.vm_start = start
    return vma

# The kernel's own rule: from below, region by region; what was done before an error stays done.
def do_mprotect(mm, start, end, prot):
    if start & 0xFFF:
        return Errno.EINVAL
    end = end + 0xFFF & ~0xFFF                       # a page that is begun is meant as a whole
    while start < end:
        vma = find_vma(mm, start)
        if vma is None or vma.vm_start > start:
            return Errno.ENOMEM                      # a hole
        if prot & ~(vma.vm_flags >> 4):              # VM_MAYREAD is VM_READ << 4, and so on
            return Errno.EACCES
        stop = min(vma.vm_end, end)
        if vma.vm_flags & 7 != prot:                 # who has these rights already is left alone
            change(mm, vma, start, stop, prot)
        start = stop
    return 0

def change(mm, vma, start, stop, prot):
    if vma.vm_start < start:
        vma = cut(mm, vma, start)                    # the upper part
    if stop < vma.vm_end:
        cut(mm, vma, stop)
    vma.vm_flags = vma.vm_flags & ~7 | prot
    i = mm.mmap.index(vma)
    for low, high in ((i, i + 1), (i - 1, i)):       # the upper neighbour first, so that i stays true
        if 0 <= low and high < len(mm.mmap) and alike(mm.mmap[low], mm.mmap[high]):
            mm.mmap[low].vm_end = mm.mmap[high].vm_end
            del mm.mmap[high]

def cut(mm, vma, at):
    upper = copy.copy(vma)                           # the kernel copies the struct, too
    upper.vm_start, vma.vm_end = at, at
    upper.vm_pgoff += at - vma.vm_start >> 12        # the upper half begins later in the file
    mm.mmap.insert(mm.mmap.index(vma) + 1, upper)
    return upper

def alike(low, high):
    return (low.vm_end == high.vm_start and low.vm_flags == high.vm_flags and low.vm_file is high.vm_file
            and high.vm_pgoff - low.vm_pgoff == high.vm_start - low.vm_start >> 12)
