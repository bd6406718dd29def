// What this browser keeps between two visits, by the digest of the evidence. A page must work where it keeps nothing.

const keeping = (() => {
  const own = `twokey/${page.manifest}/`;
  let store = null;
  try {
    window.localStorage.setItem(`${own}try`, '1');
    window.localStorage.removeItem(`${own}try`);
    store = window.localStorage;
  } catch {
    store = null; // refused by a setting, a sandbox, or a full disk
  }

  function read(name) {
    try {
      return JSON.parse(store.getItem(own + name));
    } catch {
      return null;
    }
  }

  // Return whether it is kept.
  function write(name, value) {
    try {
      store.setItem(own + name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  function all(folder) {
    const found = [];
    for (let place = 0; store && place < store.length; place += 1) {
      const name = store.key(place);
      if (name.startsWith(own + folder)) found.push([name.slice(own.length + folder.length), name.slice(own.length)]);
    }
    return found.map(([rest, name]) => [rest, read(name)]);
  }

  function forget() {
    all('').forEach(([name]) => store.removeItem(own + name));
  }

  // Call back with a name and its value when another tab has written it.
  function follow(told) {
    window.addEventListener('storage', (event) => {
      if (event.key && event.key.startsWith(own)) told(event.key.slice(own.length));
    });
  }

  return { works: store !== null, read, write, all, forget, follow };
})();

const settings = { shortcuts: true, advance: true, ...(keeping.read('settings') || {}) };
