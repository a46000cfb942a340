// Passkeys and security keys (WebAuthn). A button with data-passkey asks the browser:
//   data-passkey="get"     proves a factor: the answer goes in the place of the code of its form
//   data-passkey="create"  makes a new key: the answer goes into the form's field "credential"
//   data-passkey="login"   signs in without a password: the question comes from data-address
// The question is in data-question (JSON). What goes wrong is said in the form's [data-passkey-word].
// Whatever is [data-passkey-only] shows where keys can work, [data-passkey-missing] where they cannot.
const isPossible = Boolean(window.PublicKeyCredential);
for (const part of document.querySelectorAll("[data-passkey-only]")) part.hidden = !isPossible;
for (const part of document.querySelectorAll("[data-passkey-missing]")) part.hidden = isPossible;

const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const withBytes = (keys) => keys.map((key) => ({ ...key, id: toBytes(key.id) }));

function asked(question) {
  const publicKey = { ...question.publicKey, challenge: toBytes(question.publicKey.challenge) };
  if (publicKey.user) publicKey.user = { ...publicKey.user, id: toBytes(publicKey.user.id) };
  for (const name of ["allowCredentials", "excludeCredentials"]) {
    if (publicKey[name]) publicKey[name] = withBytes(publicKey[name]);
  }
  return { publicKey };
}

function answered(key) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (key.response[name]) response[name] = toText(key.response[name]);
  }
  return JSON.stringify({
    id: key.id, rawId: toText(key.rawId), type: key.type, response,
    clientExtensionResults: key.getClientExtensionResults(),
  });
}

function send(form, answer, kind) {
  const field = form.elements[kind === "get" ? "code" : "credential"];
  if (kind === "get") {  // the field that is seen keeps what was typed, and is not sent
    field.disabled = true;
    const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: "code", value: answer });
    form.append(hidden);
  } else {
    field.value = answer;
  }
  form.requestSubmit();
}

async function ask(button) {
  const kind = button.dataset.passkey;
  const word = button.form.querySelector("[data-passkey-word]");
  word.hidden = true;
  if (kind === "get") {
    button.form.elements.code.required = false;
    if (!button.form.reportValidity()) return;  // what else the form needs comes first
  }
  try {
    const question = button.dataset.address
      ? await (await fetch(button.dataset.address)).json() : JSON.parse(button.dataset.question);
    const key = kind === "create"
      ? await navigator.credentials.create(asked(question)) : await navigator.credentials.get(asked(question));
    send(button.form, answered(key), kind);
  } catch (error) {
    word.querySelector("strong").textContent = error.name === "InvalidStateError" ? word.dataset.known : word.dataset.failed;
    word.hidden = false;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-passkey]");
  if (!button || button.disabled) return;
  button.disabled = true;
  await ask(button);
  button.disabled = false;
});
