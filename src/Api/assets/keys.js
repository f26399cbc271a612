// Keys as pages mean them, whatever is written on them and in whatever direction the page goes.

// The letter of a key: what it types, or, on keyboards of another script, what it types on a Latin one. Null for other keys.
export function letterOf(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return event.key.length === 1 && /\p{L}/u.test(event.key) ? /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase() ?? null : null;
}

// 1 for the arrow to what follows, -1 for the one to what is before, as they are drawn; 0 for other keys.
export function stepOf(event, element) {
  const right = getComputedStyle(element).direction === 'rtl' ? -1 : 1;
  return { ArrowRight: right, ArrowLeft: -right }[event.key] ?? 0;
}
