/* Signing: answers to the server, the very bytes back, a signature over them. Nothing is signed that was not shown. */

const signing = { prepared: null };
const chosen = () => document.querySelector("input[name=decision]:checked")?.value ?? "";
const ticked = (kind) =>
  Array.from(document.querySelectorAll(`input.${kind}:checked`), (box) => Number(box.value));

function forget() {
  signing.prepared = null;
  byId("statement").hidden = true;
}

function showFor(word) {
  for (const part of document.querySelectorAll(".for-approve,.for-request-changes,.for-escalate")) {
    part.hidden = !part.classList.contains(`for-${word}`);
  }
  for (const row of document.querySelectorAll("#conditions .kind")) {
    limitKinds(row, word);
  }
}

function limitKinds(select, word) {
  for (const option of select.options) {
    option.disabled = word !== "approve" && option.value !== "text";
  }
  if (select.selectedOptions[0]?.disabled) {
    select.value = "text";
  }
}

function addCondition() {
  const row = byId("condition").cloneNode(true);
  row.removeAttribute("id");
  row.hidden = false;
  limitKinds(row.querySelector(".kind"), chosen());
  row.querySelector(".remove").addEventListener("click", () => {
    row.remove();
    forget();
    recheck();
    byId("add").focus();
  });
  byId("conditions").append(row);
  row.querySelector(".text").focus();
}

function conditions(word) {
  if (word === "escalate") {
    return [{ kind: "to", text: byId("to").value.trim() }];
  }
  if (word === "reject") {
    return [];
  }
  return Array.from(document.querySelectorAll("#conditions .condition"), (row) => ({
    kind: row.querySelector(".kind").value,
    text: row.querySelector(".text").value.trim(),
  }));
}

/* All that is missing at once. The server looks again. */
function faults() {
  const word = chosen();
  const found = word ? [] : ["choose a decision first"];
  if (word === "approve") {
    for (const box of document.querySelectorAll("input.criterion:not(:checked)")) {
      found.push(`not attested: ${document.querySelector(`label[for="${box.id}"]`).textContent}`);
    }
  }
  if (word === "escalate" && !byId("to").value.trim()) {
    found.push("say whom you ask");
  }
  if (["approve", "request-changes"].includes(word) && conditions(word).some((one) => !one.text)) {
    found.push("a condition is empty: say it, or remove it");
  }
  if (!byId("reason").value.trim()) {
    found.push("a decision needs a reason");
  }
  return found.join("\n");
}

/* What was told goes once it is mended. */
function recheck() {
  if (!byId("problem").hidden && byId("problem").textContent !== faults()) {
    tell(byId("problem"), faults());
  }
}

function refuse(text) {
  tell(byId("problem"), text);
  byId("problem").scrollIntoView({ block: "nearest" });
}

async function prepare() {
  forget();
  refuse(faults());
  if (faults()) {
    return;
  }
  byId("prepare").disabled = true;
  const word = chosen();
  try {
    signing.prepared = await ask("./sign/prepare", {
      case: byId("case").dataset.case,
      decision: word,
      reason: byId("reason").value.trim(),
      criteria: word === "approve" ? ticked("criterion") : [],
      confirms: word === "approve" ? ticked("confirm") : [],
      conditions: conditions(word),
    });
    byId("summary").textContent = signing.prepared.summary;
    byId("bytes").textContent = signing.prepared.statement;
    byId("statement").hidden = false;
    tell(byId("refusal"), "");
    byId("statement-title").focus();
  } catch (error) {
    refuse(error.message);
  } finally {
    byId("prepare").disabled = false;
  }
}

async function sign(way) {
  const buttons = document.querySelectorAll(".ways button, #prepare");
  buttons.forEach((button) => (button.disabled = true));
  tell(byId("refusal"), "");
  let sent = false;
  try {
    const asked = signing.prepared;
    const answer = way === "passkey" ? await assertion(asked) : { id: asked.id };
    sent = true;
    done(await ask(`./sign/${way}`, answer));
  } catch (error) {
    tell(byId("refusal"), sent ? `${error.message}` : whyNot(error));
    buttons.forEach((button) => (button.disabled = false));
    if (sent) {
      document.querySelectorAll(".ways button").forEach((button) => (button.disabled = true));
    }
  }
}

function done(said) {
  byId("decide").parentElement.hidden = true;
  document.querySelector(".ways").hidden = true;
  document.querySelector(".decide").hidden = true;
  const lines = [paragraph(`Signed and kept: ${said.place}`), paragraph(`Second verifier: ${said.crosscheck}.`)];
  lines.push(...said.remarks.map((remark) => paragraph(remark)), paragraph(said.next));
  lines.push(paragraph("twokey has ended; this page can be closed."));
  byId("done").className = "notice pass";
  byId("done").replaceChildren(...lines);
  byId("done").focus();
}

for (const box of document.querySelectorAll("input[name=decision]")) {
  box.addEventListener("change", () => showFor(chosen()));
}
byId("decide").parentElement.addEventListener("input", forget);
byId("decide").parentElement.addEventListener("input", recheck);
byId("add").addEventListener("click", addCondition);
byId("prepare").addEventListener("click", prepare);
byId("passkey")?.addEventListener("click", () => sign("passkey"));
byId("key")?.addEventListener("click", () => sign("key"));
if (byId("passkey") && noPasskeys()) {
  byId("passkey").disabled = true;
  byId("passkey").after(paragraph(`No passkey here: ${noPasskeys()}.`, "soft"));
}
showFor(chosen());
