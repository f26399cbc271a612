// One picture in its full size, over the page, until Escape, Z, or a click.

import { word } from './words.js';

const zoom = document.createElement('dialog');
zoom.className = 'zoom';
zoom.setAttribute('aria-label', word('Picture in full size'));
zoom.append(document.createElement('img'));
zoom.firstChild.alt = '';
zoom.addEventListener('click', () => zoom.close());

export const isZoomed = () => zoom.open;
export const unzoom = () => zoom.close();

export function zoomInto(picture) {
  if (!picture) return;
  const original = new URL(picture.currentSrc || picture.src, location.href);
  // Cards are loaded small; the same address without a size is the picture as it is.
  if (original.origin === location.origin) original.searchParams.delete('size');
  zoom.firstChild.src = original.href;
  if (!zoom.isConnected) document.body.append(zoom);
  zoom.showModal();
}
