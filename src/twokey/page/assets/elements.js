// Elements out of text. Text only ever becomes text: nothing here, and nothing elsewhere, reads markup.

const MOST_MARKED = 2_000; // a browser takes seconds for more elements; what comes after them is plain text
const unseen = new RegExp(page.unseen, 'gu');

// Children may be nodes, texts, lists of them, or nothing.
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function button(text, act, attributes, ...more) {
  const made = make('button', { type: 'button', ...attributes }, text, ...more);
  made.addEventListener('click', act);
  return made;
}

function key(name) {
  return make('kbd', { 'aria-hidden': 'true' }, name);
}

// Return a text as nodes in which nothing is obeyed: what cannot be seen stands there by its number.
function shown(text) {
  const plain = text.replaceAll('\r\n', '\n');
  const nodes = [];
  let at = 0;
  for (const match of plain.matchAll(unseen)) {
    if (match.index > at) nodes.push(plain.slice(at, match.index));
    const number = numbered(match[0]);
    nodes.push(nodes.length < MOST_MARKED ? make('span', { class: 'unseen', title: 'a character that cannot be seen' }, number) : number);
    at = match.index + match[0].length;
  }
  if (at < plain.length) nodes.push(plain.slice(at));
  return nodes;
}

// Return a text in one line for sentences and names, what cannot be seen by its number.
function oneLine(text) {
  return text.replaceAll(unseen, numbered).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}

// Return a text for a field that is typed in: without what cannot be seen, which such a field would obey.
function typeable(text) {
  return text.replaceAll('\r\n', '\n').replaceAll(unseen, '');
}

function numbered(character) {
  if (character === '\r') return '\\r';
  const code = character.codePointAt(0);
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}

function counted(number, one, many) {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many || `${one}s`}`;
}
