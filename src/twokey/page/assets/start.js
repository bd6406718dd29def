// The frame of the page, and its beginning: what was kept or saved comes back, and the first open item is shown.

function openList(open) {
  document.getElementById('nav').classList.toggle('open', open);
  document.getElementById('items').setAttribute('aria-expanded', String(open));
  showCurrent();
}

function frame() {
  const name = page.subject ? make('bdi', {}, shown(page.subject)) : make('code', {}, page.manifest.slice(0, 12));
  const skip = make('a', { class: 'skip', href: '#title' }, 'To the item');
  skip.addEventListener('click', (event) => {
    event.preventDefault();
    focusTitle();
  });
  const fold = button('Items', () => openList(fold.getAttribute('aria-expanded') !== 'true'), {
    id: 'items', 'aria-expanded': 'false', 'aria-controls': 'nav',
  });
  const head = make(
    'header',
    { class: 'top' },
    make('h1', {}, 'Review: ', name),
    make('div', { class: 'state' },
      make('progress', { id: 'bar', 'aria-label': 'Items graded' }),
      make('p', { id: 'counts' }),
      make('p', { id: 'saving', class: 'saving', role: 'status' })),
    make('div', { class: 'tools' },
      fold,
      page.served ? null : button(['Save ', make('span', { class: 'long' }, 'grades '), 'file'], saving.download),
      button('Rubric', showHelp, {}, key('?')),
      button('Settings', showSettings)),
  );
  const list = make('div', { id: 'list' }, make('ol'));
  list.addEventListener('keydown', listKeys);
  list.addEventListener('scroll', scrolled, { passive: true });
  const nav = make('nav', { id: 'nav', 'aria-label': 'Items' }, filterView(), list, make('div', { id: 'more' }));
  const main = make('main', {}, make('article', { id: 'item', 'aria-labelledby': 'title' }));
  document.getElementById('app').replaceChildren(skip, head, make('div', { class: 'columns' }, nav, main), barView());
}

// The list ends, and what has the focus is scrolled to, between the state above and the grades below.
function measure() {
  const heights = new ResizeObserver((seen) => {
    for (const { target } of seen) {
      const name = target.classList.contains('bar') ? '--bar' : '--top';
      document.documentElement.style.setProperty(name, `${target.offsetHeight}px`);
    }
  });
  document.querySelectorAll('.top, .bar').forEach((element) => heights.observe(element));
}

// The plain text of all items is for paper too: it stands there while the page is printed, and weighs nothing else.
function printPlain() {
  const plain = document.getElementById('plain');
  plain.remove();
  window.addEventListener('beforeprint', () => document.body.append(plain));
  window.addEventListener('afterprint', () => plain.remove());
}

document.addEventListener('DOMContentLoaded', printPlain);
saving.start();
frame();
measure();
fillList();
showSaving();
showProgress();
const begun = rows().length > 0; // then practice is over
const first = items.findIndex((item) => inReview(item) && waits(item) && !(begun && item.kind === 'practice'));
go(first < 0 ? END : first, { focus: false });
say(`${page.note[0].toUpperCase()}${page.note.slice(1)}.`);
