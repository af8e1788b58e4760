"""Only the rights are compared, no other flag."""
# loses: join


def alike(low, high):
    if low.vm_end != high.vm_start or low.vm_flags & 7 != high.vm_flags & 7 or low.vm_file is not high.vm_file:
        return False
    if high.vm_pgoff - low.vm_pgoff != (high.vm_start - low.vm_start) // sheet["page"]:
        return False
    if sheet["joins"] == "named":
        return low.name == high.name
    return low.vm_file is None
