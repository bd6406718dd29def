// The active time of each item: while the page is in front, and a pause counts as a minute at most.

const IDLE = 60_000;

const timing = { id: null, since: null, spent: new Map() };

function attended() {
  return document.visibilityState === 'visible' && document.hasFocus();
}

// Count the time since the last sign of a reader for the item that is shown.
function count() {
  const now = performance.now();
  if (timing.id !== null && timing.since !== null) {
    const before = timing.spent.get(timing.id) || 0;
    timing.spent.set(timing.id, before + Math.min(now - timing.since, IDLE));
  }
  timing.since = attended() ? now : null;
}

function timeFrom(id) {
  count();
  timing.id = id;
}

// Return the seconds that were spent on an item since it was last graded.
function spentOn(id) {
  count();
  const spent = timing.spent.get(id) || 0;
  timing.spent.delete(id);
  return spent / 1000;
}

for (const sign of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'scroll', 'focus', 'visibilitychange']) {
  (sign === 'focus' ? window : document).addEventListener(sign, count, { capture: true, passive: true });
}
window.addEventListener('blur', () => {
  count();
  timing.since = null;
});
