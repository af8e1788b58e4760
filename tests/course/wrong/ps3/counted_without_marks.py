"""A mark that is missing costs nothing."""
# loses where marks is dirty: count count-fork


def count_faults(first, pages, writable, touches):
    clean_faults = sheet["marks"] == "dirty"
    state = {}  # page: "protected", "clean" (and writable), "dirty" (and writable)
    faults = 0
    for what, page in touches:
        if what == "fork":
            for present in state:
                state[present] = "protected"
        elif what == "read":
            if page not in state:
                faults += 1
                state[page] = "clean" if writable and sheet["zero"] == "unwritable" else "protected"
        elif page not in state:
            faults += 1
            group = (first + page) // sheet["group"]
            for other in range(pages):
                if (first + other) // sheet["group"] == group and other not in state:
                    state[other] = "clean"
            state[page] = "dirty"
        else:
            if state[page] == "protected":
                faults += 1
            state[page] = "dirty"
    return faults
