// How far the review is, what is left, how many outputs wait beyond it, and the line that tells what the last key did.

function showProgress() {
  const now = counts();
  const bar = document.getElementById('bar');
  bar.max = Math.max(now.all, 1);
  bar.value = now.graded;
  const left = now.all - now.graded;
  const asked = now.asked ? `, ${now.asked} of them asked` : '';
  document.getElementById('counts').replaceChildren(
    make('strong', {}, `${now.graded.toLocaleString('en')} of ${now.all.toLocaleString('en')}`),
    left ? ` graded, ${left.toLocaleString('en')} left${asked}` : ' graded: all of them',
  );
  document.getElementById('more').replaceChildren(...moreView(now));
}

function moreView(now) {
  if (!page.waiting && !now.spare) return [];
  const waiting = Math.max(page.waiting, now.spare);
  const said = `${counted(waiting, 'more output')} of low confidence ${waiting === 1 ? 'waits' : 'wait'} in the queue.`;
  const step = Math.min(STEP, now.spare);
  return [
    make('p', { class: 'soft' }, said),
    step ? button(`Take ${step} more`, () => takeMore(nextSpare(step), {})) : null,
  ].filter(Boolean);
}

function nextSpare(number) {
  const spare = items.filter((item) => item.kind === 'reserve' && !item.stage && !inReview(item));
  return spare.slice(0, number).map((item) => item.id);
}

function takeMore(ids, { quiet }) {
  const fresh = ids.filter((id) => placeOf.has(id) && !taken.has(id));
  if (!fresh.length) return;
  fresh.forEach((id) => taken.add(id));
  fillList();
  showProgress();
  if (quiet) return;
  keeping.write('taken', [...taken]);
  go(placeOf.get(fresh[0]), { focus: true });
  say(`${counted(fresh.length, 'item')} taken in addition.`);
}

function say(text) {
  document.getElementById('said').textContent = text;
}
