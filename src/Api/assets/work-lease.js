// Keeps a batch for its worker as long as somebody works at it: the page is looked at, and something was done on it since
// the last time. Tells once when the batch is kept no longer.
const actions = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'scroll'];

// Of what is left of the lease: two renewals may get lost on the way.
const part = 3;

export function keepLease(url, worker, secondsLeft, onLost) {
  let acted = false;
  let until = performance.now() + 1000 * secondsLeft;
  let timer;
  let isOver = false;

  function note() { acted = true; }

  function later() { timer = setTimeout(look, Math.max(1000, (until - performance.now()) / part)); }

  function stop() {
    isOver = true;
    clearTimeout(timer);
    for (const action of actions) document.removeEventListener(action, note, { capture: true });
  }

  async function look() {
    if (acted && document.visibilityState === 'visible') {
      acted = false;
      const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ workerId: worker }) }).catch(() => null);
      if (isOver) return;
      if (reply?.ok) {
        const lease = await reply.json().catch(() => null);
        if (isOver) return;
        // Both by the server's clock: the worker's may be hours off.
        const left = Date.parse(lease?.expiresAt) - Date.parse(lease?.servedAt);
        if (left > 0) until = performance.now() + left;
      } else if ([403, 404, 409].includes(reply?.status)) {
        lose();
        return;
      } else {
        acted = true;
      }
    }
    if (performance.now() >= until) lose();
    else later();
  }

  function lose() {
    stop();
    onLost();
  }

  for (const action of actions) document.addEventListener(action, note, { capture: true, passive: true });
  later();
  return stop;
}
