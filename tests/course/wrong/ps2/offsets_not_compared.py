"""Two parts of a file are joined that do not continue one another."""
# loses: join


def alike(low, high):
    if low.vm_end != high.vm_start or low.vm_flags != high.vm_flags or low.vm_file is not high.vm_file:
        return False
    if sheet["joins"] == "named":
        return low.name == high.name
    return low.vm_file is None
