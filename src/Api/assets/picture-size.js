// How large the pictures of a batch are, as this browser's worker likes them.
import { word } from './words.js';

const key = 'bulkqa:picture-size';
const sizes = { small: word('small'), medium: word('medium'), large: word('large') };

export function choosePictureSize() {
  const bar = document.querySelector('header.bar');
  if (!bar || !document.querySelector('crowd-card')) return;
  const select = document.createElement('select');
  select.className = 'picture-size';
  select.setAttribute('aria-label', word('Size of pictures'));
  for (const [size, name] of Object.entries(sizes)) select.add(new Option(name, size));
  select.value = Object.hasOwn(sizes, read() ?? '') ? read() : 'medium';
  select.addEventListener('change', () => {
    try { localStorage.setItem(key, select.value); } catch { /* Kept as long as the page is. */ }
    document.documentElement.dataset.pictures = select.value;
  });
  document.documentElement.dataset.pictures = select.value;
  bar.append(select);
}

function read() {
  try { return localStorage.getItem(key); } catch { return null; }
}
