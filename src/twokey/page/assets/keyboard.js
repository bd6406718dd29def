// Single keys, for as long as nobody types, no dialog is open and no modifier is held; they can be switched off.

const MOVES = {
  j: () => move(1),
  k: () => move(-1),
  ArrowRight: () => move(1),
  ArrowLeft: () => move(-1),
  n: toUngraded,
  u: undo,
  c: nextCertainty,
  m: () => {
    const open = foldAll(document.getElementById('item'));
    say(open === null ? 'There is nothing folded here.' : open ? 'All of it is shown.' : 'Long texts are folded.');
  },
  d: () => {
    const ways = [...document.querySelectorAll('.part.expected .choice button')];
    const place = ways.findIndex((way) => way.getAttribute('aria-pressed') === 'true');
    if (ways.length) ways[(place + 1) % ways.length].click();
    else say('There is nothing to compare here.');
  },
  '/': () => {
    openList(true);
    document.getElementById('search').focus();
  },
  '?': showHelp,
};

const GIVES = new Map(page.rubric.flatMap((rule, place) => [[rule.key, rule.grade], [String(place + 1), rule.grade]]));

function typing(target) {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!settings.shortcuts || typing(event.target) || document.querySelector('dialog[open]')) return;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.shiftKey && name !== '?' && name !== '/') return;
  const given = GIVES.get(name);
  if (!given && !Object.hasOwn(MOVES, name)) return;
  event.preventDefault();
  if (event.repeat && (given || name === 'u')) return; // a key that is held down grades, or takes back, one item
  if (given) grade(given);
  else MOVES[name]();
});
