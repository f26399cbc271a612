// Answers that could not be sent are kept on this device until the service has acknowledged or refused them: nothing is lost where the connection or
// the tab goes, and nothing counts twice, since the same answer sent again is the same.
const key = 'bulkqa:outbox';

// More would be batches of a service that never came back.
const most = 50;

function read() {
  try { return JSON.parse(localStorage.getItem(key)) ?? []; } catch { return []; }
}

function write(entries) {
  try { localStorage.setItem(key, JSON.stringify(entries.slice(-most))); } catch { /* Forbidden or full: the page itself still has the answer. */ }
}

// A worker's later answer to a task takes the place of the one before.
export function put(url, body) {
  write([...read().filter(entry => !isOf(entry, url, body.workerId)), { url, body }]);
}

export function remove(url, worker) {
  write(read().filter(entry => !isOf(entry, url, worker)));
}

// Sends what was left by pages before, but what the present page sends by itself. Tells how many were saved.
export async function flush(but) {
  let saved = 0;
  for (const { url, body } of read()) {
    if (url === but) continue;
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).catch(() => null);
    // Who is signed out may sign in again, and a service that is busy may be less so later.
    if (!response || response.status === 401 || response.status === 408 || response.status >= 500) return saved;
    // With a reason it is of the job's limits, and stays so.
    if (response.status === 429 && (await response.json().catch(() => null))?.reason === undefined) return saved;
    if (response.ok) saved++;
    remove(url, body.workerId);
  }
  return saved;
}

function isOf(entry, url, worker) { return entry.url === url && entry.body.workerId === worker; }
