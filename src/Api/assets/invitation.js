// A link's secret stands behind #, where browsers keep it: this page posts it. It is kept for this tab, so that whoever signs in first comes back to it.
const form = document.getElementById('link');
const key = 'bulkqa:link';
let token = location.hash.slice(1);
try {
  if (token) sessionStorage.setItem(key, token);
  else token = sessionStorage.getItem(key) ?? '';
  // Once it has been used, this page is for another.
  if (!location.hash) sessionStorage.removeItem(key);
} catch { /* Storage may be forbidden: then the link is followed again after signing in. */ }
if (token) {
  form.hidden = true;
  document.getElementById('token').value = token;
  form.submit();
}
