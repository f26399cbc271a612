// What pages say, in their language: by the English text, with {0} for the first value.
const words = JSON.parse(document.querySelector('meta[name=bulkqa-words]')?.content ?? '{}');

export function word(text, ...values) {
  return (words[text] ?? text).replace(/\{(\d)\}/g, (_, at) => values[at]);
}
