// The gallery's side in the browser: how many columns there is room for, keys, focus, and zoom.
const least = 180;
const gap = 12;

export function open(page, scroll) {
  let columns = 0, dotnet = page;
  const call = (...what) => dotnet?.invokeMethodAsync(...what).catch(() => { });
  const measure = () => {
    const room = scroll.clientWidth - 2 * gap;
    const fit = Math.max(2, Math.floor((room + gap) / (least + gap)));
    if (fit !== columns) call('ResizeAsync', columns = fit);
  };
  const size = new ResizeObserver(measure);
  size.observe(scroll);
  const keys = new Set(['c', 'd', 'e', 'u', 'w', 'x', 'Escape', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']);
  const typing = target => target.closest('input:not([type=checkbox]), textarea, select, [contenteditable], [role=combobox], [role=listbox], [role=option], .mud-popover, .mud-dialog, .mud-select');
  const onKey = event => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey || event.altKey || !keys.has(key) || (event.target instanceof Element && typing(event.target))) return;
    if (key.startsWith('Arrow') && event.target.closest?.('.tabs, .mud-drawer, .mud-appbar, .picture-side')) return;
    if (key.startsWith('Arrow') || key === 'x') event.preventDefault();
    call('KeyAsync', key, event.shiftKey);
  };
  document.addEventListener('keydown', onKey);
  // A picture that can't be shown says so; one that is shown later, after all, does not.
  const onError = event => event.target.closest?.('.picture')?.classList.add('broken');
  scroll.addEventListener('error', onError, true);
  return {
    focus(place, wide, height) {
      const top = Math.floor(place / wide) * height;
      if (top < scroll.scrollTop) scroll.scrollTop = top;
      else if (top + height > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top + height - scroll.clientHeight + gap;
      let tries = 0;
      const attempt = () => {
        const card = scroll.querySelector(`[data-place="${place}"] button`);
        if (card) card.focus({ preventScroll: true });
        else if (tries++ < 120) requestAnimationFrame(attempt);
      };
      attempt();
    },
    prefetch(urls) { for (const url of urls) new Image().src = url; },
    close() {
      dotnet = null;
      size.disconnect();
      document.removeEventListener('keydown', onKey);
    },
  };
}

// Wheel, pinch, double click, + - 0; drag moves.
export function zoom(stage) {
  const most = 12;
  let scale = 1, x = 0, y = 0, apart = 0;
  const pointers = new Map();
  const picture = () => stage.querySelector(':scope > img');
  const apply = () => {
    const img = picture();
    if (scale === 1) x = y = 0;
    if (img) img.style.transform = scale === 1 ? '' : `translate(${x}px, ${y}px) scale(${scale})`;
    stage.classList.toggle('zoomed', scale > 1);
  };
  // The point of the picture below the pointer stays there.
  const to = (next, clientX, clientY) => {
    const box = stage.getBoundingClientRect();
    const [cx, cy] = [(clientX ?? box.left + box.width / 2) - box.left - box.width / 2, (clientY ?? box.top + box.height / 2) - box.top - box.height / 2];
    next = Math.min(most, Math.max(1, next));
    x = cx - (cx - x) * next / scale;
    y = cy - (cy - y) * next / scale;
    scale = next;
    apply();
  };
  const distance = () => { const [a, b] = [...pointers.values()]; return Math.hypot(a.x - b.x, a.y - b.y); };
  const on = (target, name, act, options) => { target.addEventListener(name, act, options); return () => target.removeEventListener(name, act, options); };
  const ends = [
    on(stage, 'wheel', event => { event.preventDefault(); to(scale * Math.exp(-event.deltaY / 400), event.clientX, event.clientY); }, { passive: false }),
    on(stage, 'dblclick', event => { if (!event.target.closest('button')) to(scale > 1 ? 1 : 3, event.clientX, event.clientY); }),
    on(stage, 'pointerdown', event => {
      if (event.target.closest('button')) return;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      stage.setPointerCapture(event.pointerId);
      if (pointers.size === 2) apart = distance();
    }),
    on(stage, 'pointermove', event => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (pointers.size === 2) {
        const now = distance(), [a, b] = [...pointers.values()];
        to(scale * now / apart, (a.x + b.x) / 2, (a.y + b.y) / 2);
        apart = now;
      } else if (scale > 1) { x += event.clientX - before.x; y += event.clientY - before.y; apply(); }
    }),
    on(stage, 'pointerup', event => pointers.delete(event.pointerId)),
    on(stage, 'pointercancel', event => pointers.delete(event.pointerId)),
    on(stage, 'click', event => {
      const act = event.target.closest('[data-zoom]')?.dataset.zoom;
      if (act) to(act === 'fit' ? 1 : act === 'in' ? scale * 1.5 : scale / 1.5);
    }),
    on(document, 'keydown', event => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select, [contenteditable]')) return;
      if (event.key === '+' || event.key === '=') to(scale * 1.5);
      else if (event.key === '-') to(scale / 1.5);
      else if (event.key === '0') to(1);
    }),
    on(stage, 'load', () => { scale = 1; stage.classList.remove('broken'); apply(); }, true),
    on(stage, 'error', () => stage.classList.add('broken'), true),
  ];
  // It may have failed before anybody listened.
  const first = picture();
  if (first?.complete && first.naturalWidth === 0) stage.classList.add('broken');
  return { close() { for (const end of ends) end(); } };
}
