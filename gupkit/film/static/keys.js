// Keys of things (gupkit/draw/scene.py says what they look like): which covers which, and what belongs together.

const PAGE = 4096n;
const LEVELS = [["pud", 39n], ["pmd", 30n], ["pte", 21n]];

// A key taken apart: kind, whose it is, first number, how many; null for keys without numbers.
const parsed = new Map();
function parseKey(key) {
  if (!parsed.has(key)) parsed.set(key, readKey(key));
  return parsed.get(key);
}

function readKey(key) {
  const found = /^(pte|frame|file|swap|vma):(?:(.*):)?(0x[0-9a-f]+|\d+)(?:\+(\d+))?$/.exec(key);
  if (!found) return null;
  const [, kind, owner = "", first, many = "1"] = found;
  return { kind, owner, first: BigInt(first), many: BigInt(many), unit: kind === "pte" ? PAGE : 1n };
}

// Whether `whole`, several things drawn as one, has `part` in it.
function covers(whole, part) {
  if (!whole.includes("+")) return false;
  const [all, one] = [parseKey(whole), parseKey(part)];
  if (!all || !one || all.kind !== one.kind || all.owner !== one.owner) return false;
  return all.first <= one.first && one.first < all.first + all.many * all.unit;
}

// The tables that the hardware walks through to a page.
function walk(key) {
  const page = parseKey(key);
  if (!page || page.kind !== "pte") return [];
  const tables = LEVELS.map(([level, shift]) => `table:${page.owner}:${level}:0x${((page.first >> shift) << shift).toString(16)}`);
  return [`table:${page.owner}:pgd:0x0`, ...tables];
}

// What has to do with a thing: both ends of every line that begins or ends at it, and the way to a page.
function related(key, lines) {
  const found = new Set(walk(key));
  const same = (end) => end === key || covers(end, key) || covers(key, end);
  for (const line of lines) {
    const [from, to] = line.split("->");
    if (same(from) || same(to)) found.add(from).add(to).add(line);
  }
  found.delete(key);
  return found;
}
