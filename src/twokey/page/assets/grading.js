// What a key or a button does: grade an item, take that back, go somewhere else.

function go(place, { focus }) {
  view.place = place;
  view.compared = null;
  const item = here();
  timeFrom(item ? item.id : null);
  const row = item && gradeOf(item);
  view.certainty = row ? row.certainty || null : null;
  showItem();
  showCurrent();
  showBar();
  say('');
  window.scrollTo(0, 0);
  if (focus) focusTitle();
}

function focusTitle() {
  const title = document.getElementById('title');
  if (title) title.focus({ preventScroll: true });
}

// Return the next place in a direction that the filter lets through, or null.
function beside(step) {
  for (let place = view.place + step; place >= 0 && place <= END; place += step) if (matches(place)) return place;
  return null;
}

function move(step) {
  const place = beside(step);
  if (place === null) say(step > 0 ? 'There is nothing after this.' : 'There is nothing before this.');
  else go(place, { focus: true });
}

// Go to the next item that waits for a grade, from the start again where there is none; to the summary if none waits.
function toUngraded() {
  const order = [...items.keys()].map((place) => (view.place + 1 + place) % (END + 1)).filter((place) => place < END);
  const next = order.find((place) => items[place].kind !== 'practice' && inReview(items[place]) && waits(items[place]));
  go(next === undefined ? END : next, { focus: true });
}

async function grade(value) {
  const item = here();
  if (item === null) return say('There is no item here.');
  if (value === 'bad-reference' && !item.parts.expected) return say('There is no expected answer here that could be wrong.');
  const needs = value !== 'pass' || (item.explain && item.kind !== 'practice');
  const details = needs ? await askDetails(item, value) : {};
  if (details === null) return say('Nothing was graded.');
  const row = give(item, value, { ...details, certainty: view.certainty });
  const word = ruleOf.get(value).word + (row.severity ? ` (${row.severity})` : '');
  if (item.kind === 'practice') {
    go(view.place, { focus: false });
    return say(`Practice: ${word}. ${isRight(item, value) ? 'That is what it is.' : 'Read what it should have been.'} J goes on.`);
  }
  const opinion = value === 'ask' ? '' : ` The machine: ${opinionSaid(item)}.`;
  if (settings.advance) toUngraded();
  else go(view.place, { focus: false });
  return say(`${oneLine(item.id)}: ${word}.${opinion}`);
}

function undo() {
  const item = takeBack();
  if (item === null) return say('There is nothing to take back.');
  go(placeOf.get(item.id), { focus: true });
  const row = gradeOf(item);
  return say(`${oneLine(item.id)}: taken back${row ? `; it is ${ruleOf.get(row.grade).word} again` : ''}.`);
}

function sure(certainty) {
  const item = here();
  if (item === null) return;
  view.certainty = certainty;
  const row = gradeOf(item);
  if (row && item.kind !== 'practice') {
    setCertainty(item, certainty);
    showItem();
  }
  showBar();
  say(certainty ? `How sure you are: ${certainty}.` : 'How sure you are: not said.');
}

function nextCertainty() {
  const order = [null, ...certainties];
  sure(order[(order.indexOf(view.certainty) + 1) % order.length]);
}

function barView() {
  const grades = page.rubric.map((rule, place) =>
    button(
      [make('span', { class: 'word' }, rule.word, ' ', key(String(place + 1))), make('span', { class: 'meaning' }, rule.meaning)],
      (event) => (event.detail > 1 ? null : grade(rule.grade)), // the second click of two would grade the next item
      { class: rule.grade, 'data-grade': rule.grade, 'aria-keyshortcuts': `${place + 1} ${rule.key}` },
    ),
  );
  const levels = certainties.map((name) => button(name, () => sure(view.certainty === name ? null : name), { 'data-sure': name }));
  return make(
    'section',
    { class: 'bar', 'aria-label': 'Grade' },
    make('p', { id: 'said', role: 'status' }),
    make('div', { class: 'grades', role: 'group', 'aria-label': 'Grade this item' }, grades),
    make(
      'div',
      { class: 'moves' },
      make('div', { class: 'choice', role: 'group', 'aria-label': 'How sure are you' }, make('span', { class: 'soft' }, 'Sure? ', key('C')), levels),
      make(
        'div',
        { class: 'choice' },
        button('Undo', undo, {}, key('U')),
        button('Previous', () => move(-1), {}, key('K')),
        button('Next', () => move(1), {}, key('J')),
        button('Next ungraded', toUngraded, {}, key('N')),
      ),
    ),
  );
}

function showBar() {
  const item = here();
  const row = item && gradeOf(item);
  for (const one of document.querySelectorAll('[data-grade]')) {
    const value = one.dataset.grade;
    one.setAttribute('aria-pressed', String(Boolean(row) && row.grade === value));
    one.disabled = item === null || (value === 'bad-reference' && !item.parts.expected);
  }
  for (const one of document.querySelectorAll('[data-sure]')) {
    one.setAttribute('aria-pressed', String(view.certainty === one.dataset.sure));
    one.disabled = item === null;
  }
}

// Something about an item changed: its row in the list, the counts, and the item itself where it is shown.
function refresh(id) {
  const place = placeOf.get(id);
  if (!document.getElementById('list')) return;
  describe(place);
  showProgress();
  if (place === view.place || view.place === END) {
    showItem();
    showBar();
  }
}
