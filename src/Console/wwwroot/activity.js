// Tells the circuit that somebody is there, at most every twenty seconds; and lets the browser's cookie be renewed, which a circuit by itself never is.
export function tell(layout) {
  let last = -Infinity;
  const note = () => {
    if (performance.now() - last < 20000) return;
    last = performance.now();
    layout.invokeMethodAsync('Touched').catch(() => { /* The circuit has ended. */ });
    fetch('/v1/me', { headers: { accept: 'application/json' } }).catch(() => { /* The page says by itself where the service is gone. */ });
  };
  for (const action of ['pointerdown', 'keydown', 'wheel', 'touchstart']) addEventListener(action, note, { capture: true, passive: true });
}
