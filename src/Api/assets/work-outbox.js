// Answers that could not be sent are kept on this device until the service has acknowledged or refused them: nothing is lost where the connection or
// the tab goes, and nothing counts twice, since the same answer sent again is the same. Each is sent in the name of its worker alone.
import { word } from './words.js';

const key = 'bulkqa:outbox';

// The service takes no answer that was given longer ago.
const longest = 7 * 24 * 3600 * 1000;

function read() {
  try { return (JSON.parse(localStorage.getItem(key)) ?? []).filter(entry => Date.now() - entry.at < longest); } catch { return []; }
}

function write(entries) {
  try { localStorage.setItem(key, JSON.stringify(entries)); } catch { /* Forbidden or full: the page itself still has the answer. */ }
}

// A worker's later answer to a task takes the place of the one before.
export function put(url, body) {
  write([...read().filter(entry => entry.url !== url || entry.body.workerId !== body.workerId), { url, body, at: Date.now() }]);
}

// This very answer: another that was given meanwhile stays.
export function remove(url, body) {
  const same = JSON.stringify(body);
  write(read().filter(entry => entry.url !== url || JSON.stringify(entry.body) !== same));
}

// Sends what pages before left of this worker, but what the present page sends by itself. Tells what came of it, in words; nothing where nothing was left.
export async function flush(worker, but) {
  const [said, left] = [[], read().filter(entry => entry.body.workerId === worker && entry.url !== but)];
  let saved = 0;
  for (const { url, body } of left) {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).catch(() => null);
    const reply = await response?.json().catch(() => null);
    if (response?.ok && typeof reply?.accepted === 'number') {
      saved++;
      remove(url, body);
    } else if ([400, 403, 404, 409, 422].includes(response?.status) && reply?.detail) {
      said.push(word('What you could not send before is not taken: {0}', reply.detail));
      remove(url, body);
    }
    // Anything else may pass: a limit that ends, a busy service, a network that asks to sign in.
  }
  if (saved > 0) said.unshift(word('What you could not send before is saved now.'));
  return said.join(' ');
}
