/* Wait until the evidence is recomputed, then show what came of it. */

async function wait() {
  for (;;) {
    const said = await ask("./sign/wait", {});
    if (said.ready) {
      location.replace("./sign");
      return;
    }
  }
}

wait().catch((error) => {
  tell(document.querySelector("[role=status]"), error.message);
});
