// The item that is being looked at: what was asked, what came, what was expected; and after a grade, what the machine thinks.

const view = { place: 0, compared: null, certainty: null };

function here() {
  return view.place < END ? items[view.place] : null;
}

function showItem() {
  const root = document.getElementById('item');
  const item = here();
  if (item === null) {
    root.replaceChildren(...summaryView());
    return;
  }
  root.replaceChildren(
    heading(item),
    ...callouts(item),
    ...(item.kind === 'practice' ? given(item) : []), // where its feedback is seen at once
    partsView(item),
    ...(item.kind === 'practice' ? [] : given(item)),
    opinionView(item),
  );
}

function given(item) {
  return gradeOf(item) ? [gradeView(item)] : [];
}

function heading(item) {
  const kind = item.kind === 'practice' ? 'Practice: it counts for nothing' : placeSaid(item);
  const about = item.about.map((fact) => make('li', {}, make('bdi', {}, shown(fact))));
  return make(
    'header',
    { class: 'head' },
    make('p', { class: 'soft' }, kind),
    make('h2', { id: 'title', tabindex: '-1' }, make('bdi', {}, shown(item.id))),
    about.length ? make('ul', { class: 'about', 'aria-label': 'About this item' }, about) : null,
  );
}

function placeSaid(item) {
  const all = items.filter((one) => one.kind !== 'practice' && inReview(one));
  return `Item ${(all.indexOf(item) + 1).toLocaleString('en')} of ${all.length.toLocaleString('en')}`;
}

function callouts(item) {
  const found = [];
  if (item.asked) found.push(callout('What is asked of you', item.asked.map((line) => make('p', {}, shown(line)))));
  if (item.answered) {
    const row = gradeOf(item);
    const question = row && row.grade === 'ask' ? make('p', { dir: 'auto' }, shown(row.reason)) : null;
    const answers = item.answered.map(([by, text]) =>
      make('p', { dir: 'auto' }, make('strong', {}, `${oneLine(by)} answers: `), shown(text)),
    );
    found.push(callout('Your question was answered', question, answers));
  }
  return found;
}

function callout(title, ...children) {
  return make('div', { class: 'callout' }, make('h3', {}, title), ...children);
}

function partsView(item) {
  const parts = revealed(item) && item.after ? { ...item.parts, output: item.after } : item.parts;
  const got = item.compared ? parts[item.compared.with] || item.parts.output : null;
  const one = (name) => {
    if (name === 'unsupported' && item.unsupported) return note(item.unsupported);
    if (!parts[name]) return null;
    return name === 'expected' && got ? expectedView(item, got, view.compared, false) : partView(name, parts[name], false);
  };
  const columns = COLUMNS.map((names) => names.map(one).filter(Boolean)).filter((column) => column.length);
  return make('div', { class: 'parts' }, columns.map((column) => make('div', {}, column)));
}

// What is judged stands first; what it is judged by stands beside it, or below where there is no room.
const COLUMNS = [
  ['input', 'output', 'unsupported', 'label'],
  ['expected', 'context'],
];

function note(text) {
  return section('unsupported', 'Not in the context', make('p', { dir: 'auto' }, shown(text)));
}

function gradeView(item) {
  const row = gradeOf(item);
  const facts = [['Grade', ruleOf.get(row.grade).word + (row.severity ? `, ${row.severity}` : '')]];
  if (row.reason) facts.push([row.grade === 'ask' ? 'Question' : 'Reason', shown(row.reason)]);
  if (row.correction !== null) facts.push(['Should say', make('pre', { dir: 'auto' }, shown(row.correction))]);
  if (row.certainty) facts.push(['How sure', row.certainty]);
  if (row.revised_from) facts.push(['Before', row.revised_from.map((grade) => ruleOf.get(grade).word).join(', then ')]);
  if (row.grade === 'ask' && !item.answered) {
    facts.push(['Answer', 'It will stand here, at this item, once somebody has given it with twokey grades answer.']);
  }
  const practice = item.kind === 'practice' ? feedback(item, row) : null;
  return make('section', { class: 'card yours', 'aria-labelledby': 'yours' }, make('h3', { id: 'yours' }, 'Your grade'), practice, definitions(facts));
}

// A fail and an edit both say that the output is not usable as it is.
function isRight(item, grade) {
  const failed = ['fail', 'edit'];
  return grade === item.answer || (failed.includes(grade) && failed.includes(item.answer));
}

function feedback(item, row) {
  const right = isRight(item, row.grade);
  const words = ruleOf.has(item.answer) ? ruleOf.get(item.answer).word : oneLine(item.answer);
  const said = right ? `✓ That is what it is: ${words}. ` : `✗ It should be ${words}. `;
  return make('p', { class: right ? 'right' : 'wrong' }, make('strong', {}, said), shown(item.feedback));
}

function definitions(pairs) {
  return make('dl', {}, pairs.map(([name, value]) => [make('dt', {}, name), make('dd', { dir: 'auto' }, value)]));
}

function opinionView(item) {
  const title = make('h3', { id: 'opinion' }, 'What the machine thinks');
  const body = revealed(item)
    ? definitions(item.machine.map(([name, lines]) => [name, lines.map((line) => make('div', {}, shown(line)))]))
    : make('p', { class: 'soft' }, 'Shown after your grade: its confidence, its doubts, what detectors saw, and why this item was chosen.');
  return make('section', { class: 'card machine', 'aria-labelledby': 'opinion' }, title, body);
}

// Return in a few words what the machine thinks, for the line that tells what a key did.
function opinionSaid(item) {
  return item.machine
    .slice(0, 4)
    .map(([name, lines]) => `${name}: ${oneLine(lines.join(', '))}`)
    .join('; ')
    .slice(0, 240);
}

function compareBy(way) {
  view.compared = way;
  showItem();
  const pressed = document.querySelector('.choice [aria-pressed="true"]');
  if (pressed) pressed.focus();
  say(`Expected: ${WAYS[way].toLowerCase()}.`);
}
