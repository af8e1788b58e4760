"""A scenario whose run has more than a thousand events, to go through in the page."""

TOUCHES = [{"store": {"at": f"A[{i % 4}]", "byte": i % 256}} for i in range(350)]
LONG = {"title": "many touches", "steps": [{"mmap": {"as": "A", "pages": 4}}, *TOUCHES]}
