// The place after the last item: what the grades come to, what is still open, and what to do next.

function summaryView() {
  const now = counts();
  const left = now.all - now.graded;
  const title = left ? `${counted(left, 'item')} left to grade` : `All ${counted(now.all, 'item')} graded`;
  return [
    make('header', { class: 'head' }, make('h2', { id: 'title', tabindex: '-1' }, now.all ? title : 'Nothing to review')),
    gradesTable(),
    ...stageView(),
    nextStep(now, left),
  ];
}

function gradesTable() {
  const given = new Map();
  for (const row of rows()) given.set(row.grade, (given.get(row.grade) || 0) + 1);
  const lines = page.rubric
    .filter((rule) => given.has(rule.grade))
    .map((rule) => make('tr', {}, make('th', { scope: 'row' }, rule.word), make('td', {}, String(given.get(rule.grade)))));
  if (!lines.length) return null;
  const head = make('tr', {}, make('th', { scope: 'col' }, 'Grade'), make('th', { scope: 'col' }, 'Items'));
  return make('table', { class: 'counts' }, make('thead', {}, head), make('tbody', {}, lines));
}

// A later stage of the random audit is offered where the audit found a failure: all of its items, or none.
function stageView() {
  const audit = items.filter((item) => item.stratum === 'audit' && item.kind !== 'practice' && inReview(item));
  const failed = audit.filter((item) => graded(item) && ['fail', 'edit'].includes(gradeOf(item).grade));
  const later = items.filter((item) => item.kind === 'reserve' && item.stage && !inReview(item));
  if (!failed.length || !later.length || audit.some((item) => !graded(item))) return [];
  const stage = Math.min(...later.map((item) => item.stage));
  const ids = later.filter((item) => item.stage === stage).map((item) => item.id);
  return [
    callout(
      'The audit may go on',
      make('p', {}, `${failed.length} of ${counted(audit.length, 'random item')} failed. If that is too many for the limit, ` +
        `a further stage may still show that it holds: all of its ${counted(ids.length, 'item')}, or none.`),
      button(`Take all ${ids.length}`, () => takeMore(ids, {})),
    ),
  ];
}

function nextStep(now, left) {
  if (!now.all) return make('p', {}, 'This evidence has no items for people.');
  if (page.served) return servedStep(now, left);
  const what = left
    ? 'You may save what there is, and go on with the file later, here or elsewhere.'
    : 'Save the file, and put your grades where they count: ';
  const command = make('code', {}, `twokey review --import grades-${page.reviewer || 'you'}.json`);
  return make(
    'div',
    { class: 'callout' },
    make('p', {}, what, left ? null : [command, '. Whoever decides signs with ', make('code', {}, 'twokey sign'), '.']),
    button('Save grades file', saving.download, { class: 'main' }),
  );
}

function servedStep(now, left) {
  if (left) {
    const first = items.findIndex((item) => item.kind !== 'practice' && inReview(item) && waits(item));
    const on = first < 0 ? null : button('Go on grading', () => go(first, { focus: true }), { class: 'main' });
    const held = first < 0 ? make('p', {}, 'What is left waits for an answer.') : null;
    return make('div', { class: 'callout' }, held, on, now.must ? null : signLink());
  }
  return make('div', { class: 'callout' }, make('p', {}, 'Your grades are saved.'), signLink());
}

function signLink() {
  return page.served.sign ? make('a', { class: 'main', href: page.served.sign }, 'Go on to the decision') : null;
}
