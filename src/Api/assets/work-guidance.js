// The job's instructions and the examples of a class, above the batch: opened by itself the first time that somebody works in the job on this device.
import { zoomInto } from './picture-zoom.js';

// Tells what is to be read first; null where it was read before, or there is nothing.
export function showGuidance() {
  const panel = document.querySelector('.guidance details');
  if (!panel) return null;
  for (const example of panel.querySelectorAll('.example')) example.addEventListener('click', () => zoomInto(example.querySelector('img')));
  if (!isNew(`bulkqa:guidance:${panel.dataset.job}`)) return null;
  panel.open = true;
  return panel.querySelector('summary');
}

// Where nothing can be kept it would be opened for each batch, and is not.
function isNew(key) {
  try {
    if (localStorage.getItem(key)) return false;
    localStorage.setItem(key, 'read');
    return true;
  } catch {
    return false;
  }
}
