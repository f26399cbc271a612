// Saves a chart that Plotly has drawn as a picture. Plotly.Blazor does the same, but knows no SVG.
export function save(id, format, name) {
  const plot = document.getElementById(id);
  return window.Plotly.downloadImage(plot, { format, filename: name, width: 900, height: plot.clientHeight + 60 });
}
