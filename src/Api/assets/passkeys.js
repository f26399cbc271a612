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

async function add() {
  const password = document.getElementById('confirm');
  if (!password.reportValidity()) return;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await post('/me/passkeys/options', { password: password.value }));
  const credential = await navigator.credentials.create({ publicKey });
  location.assign((await post('/me/passkeys', { credential: credential.toJSON(), name: document.getElementById('passkey-name').value })).next);
}

// Browsers don't say more than a name, so that pages don't learn what devices there are.
function wordsFor(error) {
  if (error instanceof Refused) return error.message;
  if (error.name === 'NotAllowedError') return word('No passkey was used: it was cancelled, took too long, or there is none for this site on this device.');
  if (error.name === 'InvalidStateError') return word('This device has a passkey of yours already.');
  if (error.name === 'SecurityError') return word('Passkeys are for names of sites: open this page by its name (on this machine, localhost), and not by an address.');
  return word('The browser could not use a passkey ({0}).', error.name);
}

function offer(id, act) {
  const button = document.getElementById(id);
  if (!button) return;
  button.closest('[hidden]').hidden = false;
  button.addEventListener('click', async () => {
    button.disabled = true;
    problem.hidden = true;
    try {
      await act(button);
    } catch (error) {
      problem.textContent = wordsFor(error);
      problem.hidden = false;
    }
    button.disabled = false;
  });
}

if (isKnown) {
  document.getElementById('no-passkeys')?.remove();
  offer('sign-in-by-passkey', signIn);
  offer('add-passkey', add);
}
