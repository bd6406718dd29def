/* Enrolling: a passkey that the device can find by itself (so that nobody keeps its id), then a proof by it. */

const enrolling = { asked: null };

function made() {
  const who = byId("who").dataset;
  return navigator.credentials.create({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      rp: { id: who.site, name: "twokey" },
      user: { id: toBytes(who.user), name: who.principal, displayName: who.label },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
      timeout: 300000,
    },
  });
}

async function step(button, work) {
  button.disabled = true;
  tell(byId("problem"), "");
  try {
    await work();
  } catch (error) {
    tell(byId("problem"), whyNot(error));
    button.disabled = false;
  }
}

async function begin() {
  const credential = await made();
  const key = credential.response.getPublicKey();
  if (!key) {
    throw new Error("the browser does not give the passkey's public key");
  }
  enrolling.asked = await ask("./key", { public_key: toText(key) });
  byId("fingerprint").textContent = enrolling.asked.fingerprint;
  byId("bytes").textContent = enrolling.asked.statement;
  byId("proof").hidden = false;
  byId("proof-title").focus();
}

async function prove() {
  const said = await ask("./proof", await assertion(enrolling.asked));
  byId("done").className = "notice pass";
  byId("done").replaceChildren(paragraph(said.told), paragraph("twokey has ended; this page can be closed."));
}

byId("begin").addEventListener("click", (event) => step(event.currentTarget, begin));
byId("prove").addEventListener("click", (event) => step(event.currentTarget, prove));
if (noPasskeys()) {
  byId("begin").disabled = true;
  tell(byId("problem"), noPasskeys());
}
