// Dialogs: what a grade needs beside its kind, the rubric with the keys, the settings. Each gives its answer or null.

const drafts = new Map(); // what was typed before a dialog was left, by item and grade

function ask(title, body, submit, collect, start) {
  return new Promise((resolve) => {
    const error = make('p', { class: 'error', role: 'alert' });
    const save = make('button', { type: 'submit', class: 'main' }, submit, submit === 'Close' ? key('Esc') : key('Ctrl+Enter'));
    const cancel = button('Cancel', () => leave(null), {}, key('Esc'));
    const actions = make('div', { class: 'actions' }, save, submit === 'Close' ? null : cancel);
    const form = make('form', { novalidate: true }, make('h2', { id: 'asked' }, title), body, error, actions);
    const dialog = make('dialog', { 'aria-labelledby': 'asked' }, form);
    // At once, and not at the event of closing, which comes after keys that were pressed meanwhile.
    const leave = (value) => {
      if (!dialog.isConnected) return;
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const finish = () => {
      const [value, fault, field] = collect();
      if (!fault) {
        leave(value);
        return;
      }
      error.textContent = fault;
      field.setAttribute('aria-invalid', 'true');
      field.focus();
    };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      finish();
    });
    let held = true; // the key that led here says nothing in the dialog until it is let go
    document.addEventListener('keyup', () => (held = false), { once: true, capture: true });
    dialog.addEventListener('keydown', (event) => {
      if (held && event.repeat) event.preventDefault();
    }, true);
    dialog.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) {
        event.preventDefault();
        finish();
      }
    });
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      leave(null);
    });
    dialog.addEventListener('close', () => leave(null));
    document.body.append(dialog);
    dialog.showModal();
    (start || save).focus();
  });
}

function field(id, label, value, most, rows, note) {
  const input = make('textarea', { id, rows, maxlength: most, dir: 'auto', 'aria-describedby': note ? `${id}-note` : null });
  input.value = value;
  const said = note ? make('p', { id: `${id}-note`, class: 'soft' }, note) : null;
  return [input, make('div', { class: 'field' }, make('label', { for: id }, label), input, said)];
}

// Numbers choose while one of the radios has the focus, and lead on to what comes next.
function choices(name, title, pairs, value, next) {
  const radios = pairs.map(([word]) => make('input', { type: 'radio', name, value: word, checked: word === value }));
  const labels = pairs.map(([word, means], place) =>
    make('label', {}, radios[place], key(String(place + 1)), make('span', {}, make('strong', {}, word), ` ${means}`)),
  );
  const group = make('fieldset', {}, make('legend', {}, title), labels);
  group.addEventListener('keydown', (event) => {
    const radio = radios[Number(event.key) - 1];
    if (!radio || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    radio.checked = true;
    next.focus();
  });
  return [group, radios, () => (radios.find((radio) => radio.checked) || { value: null }).value];
}

// Ask for what a grade needs; return {severity, reason, correction}, or null.
async function askDetails(item, grade) {
  const rule = ruleOf.get(grade);
  const name = `${item.id}/${grade}`;
  const old = drafts.get(name) || previous(item, grade);
  const [reason, reasonField] = field('reason', rule.question, old.reason, page.most.reason, 3, noteFor(item, grade));
  const edits = grade === 'edit';
  const [correction, correctionField] = field('correction', 'What should it say?', old.correction, page.most.correction, 6, null);
  const [group, radios, severity] = choices('severity', 'How bad is it?', page.severities, old.severity, reason);
  const body = [grade === 'fail' ? group : null, edits ? correctionField : null, reasonField];
  const value = () => ({
    severity: grade === 'fail' ? severity() : null,
    correction: edits ? clean(correction.value) : null,
    reason: clean(reason.value).trim(),
  });
  const collect = () => {
    const given = value();
    drafts.set(name, given);
    if (grade === 'fail' && !given.severity) return [null, 'Say how bad it is.', radios[0]];
    if (edits && given.correction === old.original) return [null, 'Nothing was changed: is it a pass?', correction];
    if (edits && given.correction.length > page.most.correction) {
      return [null, `A correction has at most ${page.most.correction.toLocaleString('en')} characters.`, correction];
    }
    return given.reason ? [given, null, null] : [null, 'A few words are needed here.', reason];
  };
  const first = { fail: radios.find((radio) => radio.checked) || radios[0], edit: correction }[grade] || reason;
  const title = [`${rule.word}: `, make('bdi', {}, shown(item.id))];
  const answer = await ask(title, body, `Save as ${rule.word.toLowerCase()}`, collect, first);
  if (answer) drafts.delete(name);
  else drafts.set(name, { ...value(), original: old.original });
  return answer;
}

// Return what the fields hold at first: what was said before, or the output to be corrected.
function previous(item, grade) {
  const row = gradeOf(item);
  const original = typeable((item.parts.output || { text: '' }).text);
  const same = row && row.grade === grade;
  return {
    reason: same ? row.reason : '',
    severity: same ? row.severity : null,
    correction: same && row.correction !== null ? row.correction : original,
    original,
  };
}

function noteFor(item, grade) {
  if (grade === 'pass') return 'About one in ten passes is to be explained, so that a pass stays a judgement.';
  if (grade !== 'ask') return null;
  return (
    'The question goes into your grades. Whoever can answer it does so with twokey grades answer; the answer then ' +
    'stands here, at this item, and you grade it.'
  );
}

// Half characters are no text.
function clean(text) {
  return text.toWellFormed ? text.toWellFormed() : text;
}

function askReviewer() {
  const input = make('input', { id: 'reviewer', autocomplete: 'email', spellcheck: 'false', 'aria-describedby': 'reviewer-note' });
  const note = make('p', { id: 'reviewer-note', class: 'soft' }, 'As in the roster, such as ann@example.com. It is asked once, and names the file.');
  const body = make('div', { class: 'field' }, make('label', { for: 'reviewer' }, 'Who are you?'), input, note);
  const whole = new RegExp(`^(?:${page.principal})$`, 'u');
  const collect = () => {
    const name = input.value.trim().toLowerCase();
    return whole.test(name) ? [name, null, null] : [null, 'A principal is lower case, such as ann@example.com.', input];
  };
  return ask('Save grades', body, 'Save the file', collect, input);
}

const KEYS = [
  ['J, →', 'next item'],
  ['K, ←', 'item before'],
  ['N', 'next item without a grade'],
  ['U', 'undo the last grade'],
  ['C', 'how sure you are: low, medium, high, or not said'],
  ['M', 'unfold long texts, and fold them'],
  ['D', 'show the difference from what was expected another way'],
  ['/', 'find items by text or id'],
  ['?', 'this help'],
  ['Ctrl+Enter', 'in a dialog: save'],
  ['Esc', 'in a dialog: leave it; what you typed is kept'],
];

function showHelp() {
  const rules = page.rubric.map((rule, place) => [
    make('dt', {}, make('kbd', {}, String(place + 1)), ' ', make('kbd', {}, rule.key.toUpperCase()), ' ', rule.word),
    make('dd', {}, make('strong', {}, `${rule.meaning}. `), rule.at_length),
  ]);
  const severity = page.severities.map(([name, means]) => [make('dt', {}, name), make('dd', {}, means)]);
  const sure = page.certainties.map(([name, means]) => [make('dt', {}, name), make('dd', {}, means)]);
  const keys = KEYS.map(([name, what]) => [make('dt', {}, make('kbd', {}, name)), make('dd', {}, what)]);
  const body = make(
    'div',
    { class: 'help' },
    make('h3', {}, 'The rubric'),
    make('dl', {}, rules),
    make('h3', {}, 'How bad a fail is'),
    make('dl', {}, severity),
    make('h3', {}, 'How sure you are (you need not say)'),
    make('dl', {}, sure),
    page.notes.map((note) => make('p', {}, note)),
    make('h3', {}, 'Keys'),
    make('dl', {}, keys),
    make('p', { class: 'soft' }, `${page.note[0].toUpperCase()}${page.note.slice(1)}.`),
    make('p', { class: 'soft' }, 'Evidence ', make('code', {}, page.manifest)),
  );
  return ask('Rubric and keys', body, 'Close', () => [true, null, null], null);
}

async function showSettings() {
  const box = (name, text) => {
    const input = make('input', { type: 'checkbox', checked: settings[name] });
    input.addEventListener('change', () => {
      settings[name] = input.checked;
      keeping.write('settings', settings);
    });
    return make('label', { class: 'box' }, input, ' ', text);
  };
  const file = make('input', { type: 'file', id: 'file', accept: '.json,application/json' });
  file.addEventListener('change', async () => {
    if (file.files[0]) await saving.load(file.files[0]);
    document.querySelector('dialog[open]').close();
  });
  const body = [
    box('shortcuts', 'Single keys grade and move; without this only buttons do'),
    box('advance', 'Go on to the next item after a grade'),
    saving.load ? make('div', { class: 'field' }, make('label', { for: 'file' }, 'Go on with a grades file'), file) : null,
    saving.load ? null : button('Save a copy of the grades', saving.download),
    saving.load && keeping.works ? button('Forget what this browser keeps of this review', forgetAll, { class: 'danger' }) : null,
  ];
  await ask('Settings', body, 'Close', () => [true, null, null], null);
}

function forgetAll() {
  keeping.forget();
  window.location.reload();
}
