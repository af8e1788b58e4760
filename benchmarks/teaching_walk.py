"""A two-level page table of the shape that teaching scripts use: the yardstick of the walk row.

Addresses have 15 bits: five select an entry of the page directory, five an entry of a page table, five a byte. A page
has 32 bytes and so has a table. An entry is one byte: the top bit says that it is valid, the other seven are a frame
number. Memory is a list of pages, each a list of numbers from 0 to 255. As in such scripts there is a function for each
level, which answers whether the entry is valid and what frame it names.
"""

from __future__ import annotations

from random import Random

DIRECTORY_MASK, DIRECTORY_SHIFT = 0x7C00, 10
TABLE_MASK, TABLE_SHIFT = 0x03E0, 5
OFFSET_MASK = 0x001F
VALID_MASK, VALID_SHIFT, FRAME_MASK = 0x80, 7, 0x7F
FRAMES, PAGE_BYTES = 128, 32


class Machine:
    """Physical memory, and a process whose page directory lies in frame ``directory``."""

    def __init__(self, seed: int = 1) -> None:
        random = Random(seed)
        self.memory = [[0] * PAGE_BYTES for _ in range(FRAMES)]
        free = list(range(FRAMES))
        random.shuffle(free)
        self.directory = free.pop()
        for index in random.sample(range(32), 8):
            table = free.pop()
            self.memory[self.directory][index] = VALID_MASK | table
            for entry in random.sample(range(32), 10):
                self.memory[table][entry] = VALID_MASK | free.pop()

    def directory_entry(self, address: int) -> tuple[int, int]:
        """(valid, frame of the page table) for an address."""
        index = (address & DIRECTORY_MASK) >> DIRECTORY_SHIFT
        entry = self.memory[self.directory][index]
        return (entry & VALID_MASK) >> VALID_SHIFT, entry & FRAME_MASK

    def table_entry(self, address: int, table: int) -> tuple[int, int]:
        """(valid, frame of the page) for an address, in the page table that lies in frame ``table``."""
        index = (address & TABLE_MASK) >> TABLE_SHIFT
        entry = self.memory[table][index]
        return (entry & VALID_MASK) >> VALID_SHIFT, entry & FRAME_MASK

    def translate(self, address: int) -> int:
        """The physical address; -1 for a fault in the directory, -2 for one in the table."""
        valid, table = self.directory_entry(address)
        if valid != 1:
            return -1
        valid, frame = self.table_entry(address, table)
        if valid != 1:
            return -2
        return (frame << TABLE_SHIFT) | (address & OFFSET_MASK)

    def mapped(self) -> list[int]:
        """The first address of every mapped page.

        >>> machine = Machine()
        >>> len(machine.mapped()), all(machine.translate(a) % 32 == 0 for a in machine.mapped())
        (80, True)
        """
        return [a for a in range(0, 1 << 15, PAGE_BYTES) if self.translate(a) >= 0]
