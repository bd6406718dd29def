// The one way of saving that this page has, and the sentence that says how it stands.

const saving = page.served ? savingServed() : savingOffline();

function showSaving() {
  const [kind, text] = saving.state();
  const place = document.getElementById('saving');
  if (place.textContent === text) return;
  place.className = `saving ${kind}`;
  place.textContent = text;
}

window.addEventListener('beforeunload', (event) => {
  if (saving.atRisk()) event.preventDefault();
});
