/* Passkeys: bytes to base64url and back, and what the person reads when the browser refuses. */

function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

function toText(buffer) {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const noPasskeys = () => {
  if (!window.PublicKeyCredential) {
    return "this browser knows no passkeys";
  }
  if (location.hostname !== "localhost") {
    return `passkeys work at http://localhost:${location.port} and not under this address`;
  }
  return "";
};

function whyNot(error) {
  const known = {
    NotAllowedError: "nothing was signed: it was cancelled, it took too long, or there is no such passkey here",
    InvalidStateError: "this device has that passkey already",
    NotSupportedError: "this device makes no passkey of the kind that OpenSSH knows (ES256)",
    SecurityError: "the browser does not take this address for localhost",
  };
  return known[error.name] || error.message;
}

async function assertion(asked) {
  const given = await navigator.credentials.get({
    publicKey: {
      challenge: toBytes(asked.challenge),
      rpId: asked.rpId,
      userVerification: "required",
      allowCredentials: [],
      timeout: 300000,
    },
  });
  return {
    id: asked.id,
    authenticator_data: toText(given.response.authenticatorData),
    client_data: toText(given.response.clientDataJSON),
    signature: toText(given.response.signature),
  };
}
