/* Asking the server: JSON there and back, with the header that no other page can send. */

const byId = (id) => document.getElementById(id);

async function ask(path, value) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Twokey": "1" },
      body: JSON.stringify(value),
      cache: "no-store",
      redirect: "error",
    });
  } catch {
    throw new Error("twokey does not answer any more; start it again and reload this page");
  }
  const said = await answer.json();
  if (!answer.ok) {
    throw new Error(said.error);
  }
  return said;
}

function tell(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

function paragraph(text, name) {
  const made = document.createElement("p");
  made.textContent = text;
  if (name) {
    made.className = name;
  }
  return made;
}
