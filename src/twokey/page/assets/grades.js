// The grades as they stand, and how each came to be: what a grade took the place of, and what undo brings back.
// An entry is {row, at, last, before}: the row of a grades file or null, when it was given, the grade that was last
// given in sight of the machine's opinion, and the grades that stood before it.

const entries = new Map();
const practised = new Map();
const taken = new Set();
const past = []; // what undo takes back: [id, entry before]

const NOTHING = { row: null, at: 0, last: null, before: [] };

function entryOf(id) {
  return entries.get(id) || NOTHING;
}

function gradeOf(item) {
  return item.kind === 'practice' ? practised.get(item.id) || null : entryOf(item.id).row;
}

// Whether an item has a grade: a question is none.
function graded(item) {
  const row = gradeOf(item);
  return row !== null && row.grade !== 'ask';
}

// Whether there is something to do: no grade, and no question that waits for its answer.
function waits(item) {
  const row = gradeOf(item);
  return row === null || (row.grade === 'ask' && Boolean(item.answered));
}

function inReview(item) {
  return item.kind !== 'reserve' || taken.has(item.id) || entryOf(item.id).row !== null;
}

// The machine's opinion is out once a grade was given, even if that was taken back.
function revealed(item) {
  return graded(item) || entryOf(item.id).last !== null;
}

function give(item, grade, details) {
  const { row: old, last, before } = entryOf(item.id);
  const changed = last !== null && last !== grade;
  const log = (changed ? [...before, last] : before).slice(0, page.most.revisions);
  const row = {
    item: item.id,
    grade,
    severity: details.severity || null,
    reason: details.reason || '',
    correction: grade === 'edit' ? details.correction : null,
    seconds: Math.min(Math.round(spentOn(item.id) + (old ? old.seconds : 0)), page.most.seconds),
  };
  if (details.certainty) row.certainty = details.certainty;
  if (log.length) row.revised_from = log;
  if (item.kind === 'practice') {
    practised.set(item.id, row);
    refresh(item.id);
    return row;
  }
  past.push([item.id, entryOf(item.id)]);
  put(item.id, { row, at: Date.now(), last: grade === 'ask' && last === null ? null : grade, before: log });
  return row;
}

function setCertainty(item, certainty) {
  const entry = entryOf(item.id);
  const { certainty: _, ...row } = entry.row;
  put(item.id, { ...entry, row: certainty ? { ...row, certainty } : row, at: Date.now() });
}

// Take the newest grade back; return its item, or null. What the machine thinks cannot be unseen, so that stays.
function takeBack() {
  const step = past.pop();
  if (!step) return null;
  const [id, before] = step;
  put(id, { ...before, at: Date.now(), last: before.last || entryOf(id).last });
  return items[placeOf.get(id)];
}

function put(id, entry) {
  entries.set(id, entry);
  saving.changed(id, entry);
  refresh(id);
}

// Take over what another tab or a server knows, where it is newer.
function takeOver(id, entry) {
  if (!placeOf.has(id) || !entry || !(entry.at > entryOf(id).at) || !Array.isArray(entry.before)) return false;
  if (entry.row !== null && (!entry.row || entry.row.item !== id || !soundRow(entry.row))) return false;
  entries.set(id, entry);
  refresh(id);
  return true;
}

function entryFrom(row, at) {
  const log = row.revised_from || [];
  const last = row.grade === 'ask' && !log.length ? null : row.grade;
  return { row, at, last, before: log };
}

function rows() {
  const found = [...entries.values()].map((entry) => entry.row).filter((row) => row !== null);
  return found.sort((a, b) => (a.item < b.item ? -1 : 1));
}

function gradesFile(reviewer) {
  const file = { type: page.type, manifest: page.manifest, reviewer };
  if (page.seeds) file.seeds = page.seeds;
  if (page.sources.length) file.sources = page.sources;
  return `${JSON.stringify({ ...file, grades: rows() }, null, 2)}\n`;
}

// Return what is wrong with a grades file for this page, or null.
function faultOf(file) {
  if (!file || file.type !== page.type || !Array.isArray(file.grades)) return 'it is no grades file';
  if (file.manifest !== page.manifest) return 'its grades are of other evidence';
  if (!new RegExp(`^(?:${page.principal})$`, 'u').test(file.reviewer)) return 'it names no reviewer';
  if (file.sources && file.sources.length) return 'its grades were merged from those of several';
  if (new Set(file.grades.map((row) => row && row.item)).size < file.grades.length) return 'it grades an item twice';
  for (const row of file.grades) {
    if (!row || !placeOf.has(row.item)) return `it grades ${oneLine(String(row && row.item))}, which is not here`;
    if (!soundRow(row)) return `its grade of ${oneLine(row.item)} is none`;
  }
  return null;
}

const FIELDS = new Set(['item', 'grade', 'severity', 'reason', 'correction', 'seconds', 'certainty', 'revised_from']);

function soundRow(row) {
  const texts =
    typeof row.reason === 'string' && row.reason.length <= page.most.reason && (row.grade === 'pass' || row.reason.trim() !== '') &&
    (row.grade === 'edit' ? typeof row.correction === 'string' && row.correction.length <= page.most.correction : row.correction === null);
  const severe = (row.grade === 'fail') === severities.includes(row.severity);
  const sure = row.certainty === undefined || row.certainty === null || certainties.includes(row.certainty);
  const log = row.revised_from === undefined ||
    (Array.isArray(row.revised_from) && row.revised_from.length <= page.most.revisions && row.revised_from.every((grade) => ruleOf.has(grade)));
  const known = Object.keys(row).every((name) => FIELDS.has(name));
  return known && ruleOf.has(row.grade) && texts && severe && (row.grade === 'fail' || row.severity === null) && sure && log &&
    Number.isInteger(row.seconds) && row.seconds >= 0 && row.seconds <= page.most.seconds;
}

function counts() {
  const found = { all: 0, graded: 0, waiting: 0, asked: 0, must: 0, spare: 0 };
  for (const item of items) {
    if (item.kind === 'practice') continue;
    if (!inReview(item)) {
      if (!item.stage) found.spare += 1;
      continue;
    }
    found.all += 1;
    if (graded(item)) found.graded += 1;
    else if (item.kind === 'item') found.must += 1;
    const row = gradeOf(item);
    if (row && row.grade === 'ask') found.asked += 1;
    if (waits(item)) found.waiting += 1;
  }
  return found;
}
