// Two texts by word, two structures by path: what only one of them has. Which of them is right is not said.

const MOST_CELLS = 4_000_000; // of the table of common lengths: above that a comparison by line is tried
const TOKEN = /\s+|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|[\p{L}\p{M}\p{N}_]+|[^\s]/gu;

// Return [kind, text] pairs of kind 'same', 'gone' (only before) or 'new' (only after); null where both are too long.
function byWord(before, after) {
  const tokens = (text) => text.match(TOKEN) || [];
  const lines = (text) => text.split(/(?<=\n)/);
  const found = aligned(tokens(before), tokens(after)) || aligned(lines(before), lines(after));
  return found && tidied(found);
}

function aligned(before, after) {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const room = Math.min(before.length, after.length) - head;
  while (tail < room && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const left = before.slice(head, before.length - tail);
  const right = after.slice(head, after.length - tail);
  if ((left.length + 1) * (right.length + 1) > MOST_CELLS) return null;
  return [
    ...before.slice(0, head).map((token) => ['same', token]),
    ...longestCommon(left, right),
    ...before.slice(before.length - tail).map((token) => ['same', token]),
  ];
}

// The longest common subsequence by its table, walked from the front (Wagner and Fischer 1974).
function longestCommon(left, right) {
  const width = right.length + 1;
  const lengths = new Uint16Array((left.length + 1) * width);
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      const below = lengths[(row + 1) * width + column];
      const beside = lengths[row * width + column + 1];
      const both = lengths[(row + 1) * width + column + 1] + 1;
      lengths[row * width + column] = left[row] === right[column] ? both : Math.max(below, beside);
    }
  }
  const found = [];
  let row = 0;
  let column = 0;
  while (row < left.length && column < right.length) {
    if (left[row] === right[column]) {
      found.push(['same', left[row]]);
      row += 1;
      column += 1;
    } else if (lengths[(row + 1) * width + column] >= lengths[row * width + column + 1]) {
      found.push(['gone', left[row]]);
      row += 1;
    } else {
      found.push(['new', right[column]]);
      column += 1;
    }
  }
  found.push(...left.slice(row).map((token) => ['gone', token]));
  found.push(...right.slice(column).map((token) => ['new', token]));
  return found;
}

// Return whole stretches: a space between two changes belongs to them, and what is gone stands before what is new.
function tidied(found) {
  const stretches = [];
  let gone = '';
  let fresh = '';
  const settle = () => {
    if (gone) stretches.push(['gone', gone]);
    if (fresh) stretches.push(['new', fresh]);
    gone = '';
    fresh = '';
  };
  found.forEach(([kind, token], place) => {
    const next = found[place + 1];
    const between = kind === 'same' && (gone || fresh) && next && next[0] !== 'same' && !token.trim() && !token.includes('\n');
    if (kind === 'gone' || between) gone += token;
    if (kind === 'new' || between) fresh += token;
    if (kind !== 'same' || between) return;
    settle();
    const last = stretches[stretches.length - 1];
    if (last && last[0] === 'same') last[1] += token;
    else stretches.push(['same', token]);
  });
  settle();
  return stretches;
}

// Return [path, before, after] for every path where two structures differ, null for what one does not have.
function byPath(before, after) {
  const left = new Map(before);
  const right = new Map(after);
  const paths = new Set([...left.keys(), ...right.keys()]);
  return [...paths]
    .filter((path) => left.get(path) !== right.get(path))
    .map((path) => [path, left.get(path) ?? null, right.get(path) ?? null]);
}
