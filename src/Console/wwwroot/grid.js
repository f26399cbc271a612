// Arrow keys move between the links of a table's cells, so that a table of a thousand classes is not a thousand stops of the tab key.
export function move(box) {
  box.addEventListener('keydown', event => {
    const cell = event.target.closest('td, th');
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!cell || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    let row = cell.parentElement, index = cell.cellIndex;
    for (let tries = 0; tries < 50; tries++) {
      if (step[0]) row = step[0] > 0 ? row.nextElementSibling : row.previousElementSibling;
      else index += step[1];
      const next = row?.cells?.[index];
      if (!next) return;
      const link = next.querySelector('a, button');
      if (!link) continue;
      event.preventDefault();
      link.focus();
      link.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      return;
    }
  });
}
