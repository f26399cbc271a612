// Signing in by a passkey, and adding one. Where the browser has none, and without this script, nothing of it is shown.

import { word } from './words.js';

const isKnown = 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential && 'toJSON' in PublicKeyCredential.prototype;
const problem = document.getElementById('passkey-problem');

async function post(address, body) {
  const response = await fetch(address, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (response.ok) return response.json();
  const detail = response.headers.get('content-type')?.startsWith('application/problem+json') ? (await response.json()).detail : null;
  throw new Refused(detail ?? (response.status === 429 ? word('Too many tries. Wait a minute.') : word('That did not work. Load the page again.')));
}

class Refused extends Error {}

async function signIn(button) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await post('/sign-in/passkey/options', {}));
  const credential = await navigator.credentials.get({ publicKey });
  location.assign((await post('/sign-in/passkey', { credential: credential.toJSON(), returnUrl: button.dataset.returnUrl })).next);
}

const create = async options => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });

// Has whoever is here show once more who it is, where there is no password to ask for.
async function confirmed() {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await post('/me/passkeys/confirm', {}));
  return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
}

async function add() {
  const password = document.getElementById('confirm');
  if (password && !password.reportValidity()) return;
  const credential = await create(await post('/me/passkeys/options', password ? { password: password.value } : { proof: await confirmed() }));
  location.assign((await post('/me/passkeys', { credential: credential.toJSON(), name: document.getElementById('passkey-name').value })).next);
}

// Takes an invitation, or a link for a new password, without a password.
async function take() {
  const form = document.getElementById('invitation');
  const fields = [...form.querySelectorAll('[name=name], [name=signInName]')];
  if (!fields.every(field => field.reportValidity())) return;
  const given = Object.fromEntries(new FormData(form));
  const { token } = given;
  const options = await post('/invitation/passkey/options', { token, name: given.name, signInName: given.signInName, removePasskeys: 'removePasskeys' in given });
  const credential = await create(options);
  try {
    location.assign((await post('/invitation/passkey', { token, credential: credential.toJSON() })).next);
  } catch (error) {
    // The device need not offer a passkey that nobody knows.
    if (error instanceof Refused) await PublicKeyCredential.signalUnknownCredential?.({ rpId: options.rp.id, credentialId: credential.id }).catch(() => {});
    throw error;
  }
}

// Browsers don't say more than a name, so that pages don't learn what devices there are.
function wordsFor(error) {
  if (error instanceof Refused) return error.message;
  if (error.name === 'NotAllowedError') return word('No passkey was used: it was cancelled, took too long, or there is none for this site on this device.');
  if (error.name === 'InvalidStateError') return word('This device has a passkey of yours already.');
  if (error.name === 'SecurityError') return word('Passkeys are for names of sites: open this page by its name (on this machine, localhost), and not by an address.');
  return word('The browser could not use a passkey ({0}).', error.name);
}

async function attempt(button, act) {
  button.disabled = true;
  problem.hidden = true;
  try {
    await act(button);
  } catch (error) {
    problem.textContent = wordsFor(error);
    problem.hidden = false;
  }
  button.disabled = false;
}

function offer(id, act) {
  const button = document.getElementById(id);
  if (!button) return;
  button.closest('[hidden]').hidden = false;
  button.addEventListener('click', () => attempt(button, act));
}

// A form that a passkey has to confirm is sent with what the passkey answered.
function confirmByPasskey(form) {
  form.addEventListener('submit', event => {
    event.preventDefault();
    const { submitter } = event;
    attempt(submitter, async () => {
      const proof = await confirmed();
      for (const [name, value] of [['proof', proof], [submitter.name, submitter.value]]) {
        if (!name) continue;
        const field = Object.assign(document.createElement('input'), { type: 'hidden', name, value });
        form.append(field);
      }
      form.submit();
    });
  });
}

if (isKnown) {
  document.getElementById('no-passkeys')?.remove();
  offer('sign-in-by-passkey', signIn);
  offer('add-passkey', add);
  offer('take-by-passkey', take);
  document.querySelectorAll('form[data-confirm=passkey]').forEach(confirmByPasskey);
}
