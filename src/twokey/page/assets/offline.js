// Saving where there is no server: drafts in this browser, and a grades file that is downloaded and loaded again.

function savingOffline() {
  const lost = new Set(); // what could not be written, each until it could
  let kept = keeping.works;
  let downloaded = keeping.read('downloaded') || 0;

  function start() {
    for (const [id, entry] of keeping.all('grade/')) takeOver(id, entry);
    (keeping.read('taken') || []).forEach((id) => taken.add(id));
    keeping.follow((name) => {
      if (name === 'taken') takeMore(keeping.read('taken') || [], { quiet: true });
      if (name === 'downloaded') downloaded = keeping.read('downloaded') || 0;
      const id = name.startsWith('grade/') ? name.slice('grade/'.length) : null;
      if (id !== null && takeOver(id, keeping.read(name))) say(`Another tab graded ${oneLine(id)}.`);
      showSaving();
    });
  }

  function changed(id, entry) {
    if (keeping.write(`grade/${id}`, entry)) lost.delete(id);
    else lost.add(id);
    kept = keeping.works && !lost.size;
    showSaving();
  }

  function unsaved() {
    let number = 0;
    for (const entry of entries.values()) if (entry.at > downloaded) number += 1;
    return number;
  }

  function state() {
    const number = unsaved();
    if (!kept) {
      return number
        ? ['bad', `This browser keeps nothing: ${counted(number, 'change')} will be lost unless you save the file`]
        : ['good', 'This browser keeps nothing between visits: save the file before you leave'];
    }
    if (number) return ['open', `Kept in this browser; ${counted(number, 'change')} not in a file yet`];
    return entries.size ? ['good', 'All grades are in your file'] : ['good', 'Grades are kept in this browser'];
  }

  async function download() {
    const reviewer = keeping.read('reviewer') || page.reviewer || (await askReviewer());
    if (!reviewer) return say('No file was made.');
    page.reviewer = reviewer;
    keeping.write('reviewer', reviewer);
    const file = new Blob([gradesFile(reviewer)], { type: 'application/json' });
    const link = make('a', { href: URL.createObjectURL(file), download: `grades-${reviewer}.json` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    downloaded = Date.now();
    keeping.write('downloaded', downloaded);
    showSaving();
    return say(`Saved as ${link.download}, in the folder for downloads.`);
  }

  async function load(chosen) {
    let file = null;
    try {
      file = JSON.parse(await chosen.text());
    } catch {
      file = null;
    }
    const fault = faultOf(file) || otherReviewer(file);
    if (fault) return say(`${oneLine(chosen.name)} was not loaded: ${fault}.`);
    page.reviewer = file.reviewer;
    keeping.write('reviewer', file.reviewer);
    const fresh = file.grades.filter((row) => entryOf(row.item).row === null);
    fresh.forEach((row) => put(row.item, entryFrom(row, Date.now())));
    const stays = file.grades.length - fresh.length;
    const more = stays ? `; ${counted(stays, 'item')} graded here already stay as they are` : '';
    return say(`${counted(fresh.length, 'grade')} loaded from ${oneLine(chosen.name)}${more}.`);
  }

  function otherReviewer(file) {
    const mine = keeping.read('reviewer') || page.reviewer;
    if (typeof file.reviewer !== 'string') return 'it names no reviewer';
    return mine && mine !== file.reviewer ? `these are grades of ${oneLine(file.reviewer)}, and here are ${mine}'s` : null;
  }

  return { start, changed, state, download, load, atRisk: () => !kept && unsaved() > 0 };
}
