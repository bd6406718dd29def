// The parts of an item: texts that fold, places marked in them, and what differs from the expected answer.

const FOLDED = { context: { lines: 7, characters: 600 }, rest: { lines: 14, characters: 1_400 } };
const SHORT = 60; // two texts no longer than this are compared at a glance

const NAMES = {
  context: 'Context',
  input: 'Input',
  output: 'Output',
  label: 'Label',
  expected: 'Expected',
};

function partView(name, part, unfolded) {
  const text = preformatted(part, part.marked ? part.marked.map(piece) : shown(part.text));
  if (!part.text) text.replaceChildren(make('span', { class: 'soft' }, '(nothing)'));
  return section(name, NAMES[name], foldable(text, part.text, FOLDED[name] || FOLDED.rest, unfolded));
}

// Texts for people are set as such; what is a structure, or indented, keeps its columns.
function preformatted(part, children) {
  const code = part.leaves || /^(?: {2}|\t|```)/m.test(part.text) || /^[[{]/.test(part.text);
  return make('pre', { dir: 'auto', class: code ? null : 'prose' }, children);
}

function section(name, title, ...children) {
  const heading = make('h3', { id: `part-${name}` }, title);
  return make('section', { class: `part ${name}`, 'aria-labelledby': `part-${name}` }, heading, ...children);
}

function piece([text, kind]) {
  return kind ? make('mark', { title: `${kind}: not in the context` }, shown(text)) : shown(text);
}

function foldable(element, text, most, unfolded) {
  const lines = text.split('\n').length;
  if (lines <= most.lines && text.length <= most.characters) return [element];
  element.classList.add('foldable', most === FOLDED.context ? 'small' : 'large');
  const toggle = button('', () => fold(element, toggle, element.classList.contains('folded')), { class: 'more' });
  toggle.dataset.size = lines > most.lines ? counted(lines, 'line') : counted(text.length, 'character');
  fold(element, toggle, unfolded);
  return [element, toggle];
}

function fold(element, toggle, open) {
  element.classList.toggle('folded', !open);
  toggle.setAttribute('aria-expanded', String(open));
  toggle.replaceChildren(open ? 'Show less' : `Show all ${toggle.dataset.size}`, key('M'));
}

// Open all texts of an item, or fold them all where they are open.
function foldAll(root) {
  const folded = [...root.querySelectorAll('.foldable')];
  const open = folded.some((element) => element.classList.contains('folded'));
  folded.forEach((element) => fold(element, element.nextElementSibling, open));
  return folded.length ? open : null;
}

// The expected answer, as it differs from what came: by path, by word, or as it is.
function expectedView(item, got, view, unfolded) {
  const { expected } = item.parts;
  if (item.compared.same) {
    return section('expected', NAMES.expected, make('p', { class: 'same' }, 'The same as the ', item.compared.with, '.'));
  }
  const ways = waysToCompare(expected, got);
  const way = ways.includes(view) ? view : ways[0];
  const body = way === 'path' ? pathsView(expected, got, item) : way === 'word' ? wordsView(expected, got) : null;
  const content = body || preformatted(expected, shown(expected.text));
  const folding = way === 'path' ? [content] : foldable(content, expected.text, FOLDED.rest, unfolded);
  return section('expected', NAMES.expected, ways.length > 1 ? choice(ways, way) : null, ...folding, legend(way === 'word' && body === null ? 'long' : way, item));
}

function waysToCompare(expected, got) {
  const short = Math.max(expected.text.length, got.text.length) <= SHORT;
  return [expected.leaves && got.leaves ? 'path' : null, ...(short ? ['text', 'word'] : ['word', 'text'])].filter(Boolean);
}

const WAYS = { path: 'By path', word: 'By word', text: 'As it is' };

function choice(ways, way) {
  const buttons = ways.map((one) => button(WAYS[one], () => compareBy(one), { 'aria-pressed': String(one === way) }));
  return make('div', { class: 'choice', role: 'group', 'aria-label': 'How the expected answer is shown' }, buttons);
}

function legend(way, item) {
  const said = {
    path: `Only what differs is listed. `,
    word: `Struck out: only expected. Underlined: only in the ${item.compared.with}. `,
    long: 'Both are too long to be compared by word: this is what was expected. ',
    text: `It differs from the ${item.compared.with}. `,
  };
  return make('p', { class: 'soft' }, said[way]);
}

function wordsView(expected, got) {
  const found = byWord(expected.text, got.text);
  if (found === null) return null;
  const tags = { same: null, gone: 'del', new: 'ins' };
  const parts = found.map(([kind, text]) => (tags[kind] ? make(tags[kind], {}, shown(text)) : shown(text)));
  return preformatted(expected, parts);
}

function pathsView(expected, got, item) {
  const rows = byPath(expected.leaves, got.leaves);
  if (!rows.length) return make('p', {}, 'No value differs: only how it is written.');
  const cell = (text) => make('td', {}, text === null ? make('span', { class: 'soft' }, 'not there') : make('bdi', {}, shown(text)));
  const body = rows.map(([path, before, after]) =>
    make('tr', {}, make('th', { scope: 'row' }, make('bdi', {}, shown(path))), cell(before), cell(after)),
  );
  const heads = ['path', 'expected', item.compared.with].map((name) => make('th', { scope: 'col' }, name));
  return make('table', { class: 'paths' }, make('thead', {}, make('tr', {}, heads)), make('tbody', {}, body));
}
