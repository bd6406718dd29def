// Saving where the page came from: by itself after each grade, one request at a time, and never over somebody's head.

function savingServed() {
  const open = new Set(); // items whose grade the server does not have yet
  let revision = page.served.revision;
  let busy = false;
  let trouble = null;
  let pause = 1_000;

  function start() {
    page.grades.forEach((row) => takeOver(row.item, entryFrom(row, 1)));
    for (const [id, seen] of keeping.all('seen/')) {
      if (seen && !entries.has(id)) takeOver(id, { ...NOTHING, ...seen, row: null, at: 1 }); // the opinion was seen, and cannot be unseen
    }
    (keeping.read('taken') || []).forEach((id) => taken.add(id));
  }

  function changed(id, entry) {
    keeping.write(`seen/${id}`, { last: entry.last, before: entry.before });
    open.add(id);
    send();
  }

  async function send() {
    if (busy || !open.size) return;
    busy = true;
    showSaving();
    const sent = new Map([...open].map((id) => [id, entryOf(id).at]));
    try {
      const answer = await fetch(page.served.save, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', 'X-Twokey': '1' },
        body: JSON.stringify({ revision, grades: rows() }),
      });
      await obey(answer, sent);
    } catch {
      again('the server does not answer; it is tried again');
    }
    busy = false;
    showSaving();
    if (open.size && !trouble) send();
  }

  async function obey(answer, sent) {
    const told = await answer.json().catch(() => ({}));
    if (answer.status === 200) {
      revision = told.revision;
      for (const [id, at] of sent) if (entryOf(id).at === at) open.delete(id);
      trouble = null;
      pause = 1_000;
    } else if (answer.status === 409) {
      revision = told.revision;
      merge(told.grades);
      trouble = null;
    } else if (answer.status === 422) {
      trouble = `the server refused it: ${oneLine(String(told.error || ''))}`;
    } else {
      again(`the server answers ${answer.status}; it is tried again`);
    }
  }

  function again(why) {
    trouble = why;
    setTimeout(() => {
      trouble = null;
      send();
    }, pause);
    pause = Math.min(pause * 2, 30_000);
  }

  // Another tab saved since: its grades hold, except where one was given here that is not saved yet.
  function merge(theirs) {
    const known = new Map(theirs.map((row) => [row.item, row]));
    let taken = 0;
    let stayed = 0;
    for (const row of theirs) {
      const mine = entryOf(row.item).row;
      if (JSON.stringify(mine) === JSON.stringify(row)) continue;
      if (open.has(row.item)) stayed += 1;
      else if (takeOver(row.item, entryFrom(row, Date.now()))) taken += 1;
    }
    for (const [id, entry] of entries) {
      if (entry.row && !known.has(id) && !open.has(id)) takeOver(id, { ...entry, row: null, at: Date.now() });
    }
    const more = stayed ? `; ${counted(stayed, 'grade')} given here just now stay` : '';
    say(`Another tab saved in between: ${counted(taken, 'grade')} came from there${more}.`);
  }

  function state() {
    if (trouble) return ['bad', `Not saved: ${trouble}`];
    if (open.size) return ['open', 'Saving ...'];
    return ['good', entries.size ? 'Saved' : 'Grades are saved as you give them'];
  }

  async function download() {
    const file = new Blob([gradesFile(page.reviewer)], { type: 'application/json' });
    const link = make('a', { href: URL.createObjectURL(file), download: `grades-${page.reviewer}.json` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`A copy was saved as ${link.download}.`);
  }

  return { start, changed, state, download, load: null, atRisk: () => open.size > 0, retry: send };
}
