// Not awaited by whoever asks: a circuit must not wait for as long as a print dialog is open.
export function print() {
  setTimeout(() => window.print());
}
