// The list of all items, and the filter. A grade changes one row; what is found stays until the filter changes.

const GLYPHS = { pass: '✓', fail: '✗', edit: '✎', escalate: '↑', ask: '?', 'bad-reference': '≠' };

const FILTERS = {
  all: ['All', () => true],
  open: ['Not graded', (item) => !graded(item)],
  failed: ['Failed or edited', (item) => ['fail', 'edit'].includes((gradeOf(item) || {}).grade)],
  asked: ['Asked or escalated', (item) => ['ask', 'escalate'].includes((gradeOf(item) || {}).grade)],
  answered: ['Answered', (item) => Boolean(item.answered)],
};

const filter = { kind: 'all', text: '' };
const ROW = 32; // pixels, until one was measured
const AROUND = 12;
const listing = { all: [], seen: [], rows: new Map(), start: 0 };
const texts = new Map(); // place -> what a search looks in

function filterView() {
  const kinds = Object.entries(FILTERS).map(([name, [word]]) => make('option', { value: name }, word));
  const which = make('select', { id: 'which' }, kinds);
  which.addEventListener('change', () => {
    filter.kind = which.value;
    applyFilter();
  });
  const search = make('input', { id: 'search', type: 'search', autocomplete: 'off', spellcheck: 'false' });
  search.addEventListener('input', () => {
    filter.text = search.value.trim().toLowerCase();
    applyFilter();
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' && event.key !== 'Enter') return;
    event.preventDefault();
    if (event.key === 'Escape') search.value = '';
    search.dispatchEvent(new Event('input'));
    focusTitle();
  });
  return make(
    'div',
    { class: 'filter', role: 'search' },
    make('label', { for: 'which' }, 'Show'),
    which,
    make('label', { for: 'search' }, 'With the text ', key('/')),
    search,
    make('p', { id: 'found', role: 'status', class: 'soft' }),
  );
}

// The items that are in review, and those of them that the filter lets through.
function fillList() {
  const all = items.map((item, place) => place).filter((place) => inReview(items[place]));
  listing.all = [...all, END];
  applyFilter();
}

// Only the rows that can be seen are there, and some around them: a browser is slow with thousands.
function drawList() {
  const list = document.getElementById('list');
  const height = rowHeight(list);
  const number = Math.ceil((list.clientHeight || 20 * height) / height) + 2 * AROUND;
  const start = Math.max(0, Math.min(Math.floor(list.scrollTop / height) - AROUND, listing.seen.length - number));
  const seen = listing.seen.slice(start, start + number);
  const focused = [...listing.rows].find(([, row]) => row === document.activeElement);
  listing.rows.clear();
  const inner = list.firstElementChild;
  inner.replaceChildren(...seen.map((place, index) => listRow(place, start + index + 1)));
  inner.style.paddingTop = `${start * height}px`;
  inner.style.paddingBottom = `${(listing.seen.length - start - seen.length) * height}px`;
  listing.start = start;
  if (focused && listing.rows.has(focused[0])) listing.rows.get(focused[0]).focus({ preventScroll: true });
}

function rowHeight(list) {
  const row = list.querySelector('li');
  return (row && row.offsetHeight) || ROW;
}

function listRow(place, number) {
  const current = place === view.place;
  const row = button('', () => go(place, { focus: false }), { tabindex: current ? '0' : '-1', 'aria-current': current ? 'true' : null });
  listing.rows.set(place, row);
  describe(place);
  return make('li', { class: place === END ? 'last' : null, 'aria-setsize': listing.seen.length, 'aria-posinset': number }, row);
}

function describe(place) {
  const row = listing.rows.get(place);
  if (!row) return;
  if (place === END) {
    row.replaceChildren('Summary');
    return;
  }
  const item = items[place];
  const given = gradeOf(item);
  const answered = given && given.grade === 'ask' && item.answered;
  const word = answered ? 'answered, to be graded' : given ? ruleOf.get(given.grade).word : 'not graded';
  row.className = given ? given.grade : '';
  row.replaceChildren(
    make('span', { class: 'glyph', 'aria-hidden': 'true' }, answered ? '!' : given ? GLYPHS[given.grade] : '·'),
    make('bdi', {}, shown(item.id)),
    make('span', { class: 'unseeing' }, `, ${item.kind === 'practice' ? 'practice, ' : ''}${word}`),
  );
}

function matches(place) {
  if (place === END) return true;
  const item = items[place];
  return inReview(item) && FILTERS[filter.kind][1](item) && (!filter.text || textsOf(place).includes(filter.text));
}

function textsOf(place) {
  if (!texts.has(place)) {
    const item = items[place];
    const parts = Object.values(item.parts).map((part) => part.text);
    texts.set(place, [item.id, ...item.about, ...parts].join('\n').toLowerCase());
  }
  return texts.get(place);
}

function applyFilter() {
  listing.seen = listing.all.filter(matches);
  const active = filter.kind !== 'all' || filter.text;
  document.getElementById('found').textContent = active ? `${counted(listing.seen.length - 1, 'item')} found` : '';
  showCurrent();
}

// Scroll to the item that is shown, and draw the list there.
function showCurrent() {
  const list = document.getElementById('list');
  const height = rowHeight(list);
  const above = listing.seen.indexOf(view.place) * height;
  drawList(); // so that there is room to scroll
  if (above >= 0 && (above < list.scrollTop || above + height > list.scrollTop + list.clientHeight)) {
    list.scrollTop = above - list.clientHeight / 3;
    drawList();
  }
}

function scrolled() {
  const list = document.getElementById('list');
  const height = rowHeight(list);
  const start = Math.max(0, Math.floor(list.scrollTop / height) - AROUND);
  if (Math.abs(start - listing.start) >= AROUND / 2) drawList();
}

// Arrows move within the list, and show what they move to.
function listKeys(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const place = beside(step);
  if (place === null) return;
  go(place, { focus: false });
  if (listing.rows.has(place)) listing.rows.get(place).focus({ preventScroll: true });
}
