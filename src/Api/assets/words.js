// What pages say, in their language: by the English text, with {0} for the first value.
const words = JSON.parse(document.querySelector('meta[name=bulkqa-words]')?.content ?? '{}');

// Letters that are written the other way than the page.
const others = document.documentElement.dir === 'rtl' ? /(?![\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff])\p{L}/u : /(?=[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff])\p{L}/u;

// A value of such letters is laid out by itself, so that neither it nor the text around it is torn apart.
function isolated(value) { return typeof value === 'string' && others.test(value) ? `\u2068${value}\u2069` : value; }

export function word(text, ...values) {
  return (words[text] ?? text).replace(/\{(\d)\}/g, (_, at) => isolated(values[at]));
}
