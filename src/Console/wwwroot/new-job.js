// The files of a new job: they stay in the browser, and go to REST from here.
import { save } from './save.js';

const previewBytes = 256 * 1024;
const chunkFiles = 50;
const chunkBytes = 32 * 1024 * 1024;
const tellEvery = 250;
const mostTold = 20;
const tellTries = 120;
const broken = JSON.stringify({ status: 0 });

export function open(page) {
  const corpus = { file: null };
  const pictures = { files: [], zips: [] };
  let dotnet = page, report = '', inFlight = null;

  // What must arrive is told again while the circuit is being connected anew; progress is not worth it.
  async function tell(...what) {
    for (let tries = 0; dotnet && tries < tellTries; tries++) {
      try { return await dotnet.invokeMethodAsync(...what); } catch { await new Promise(next => setTimeout(next, 1000)); }
    }
  }
  const show = (...what) => dotnet?.invokeMethodAsync(...what).catch(() => { });
  const isZip = file => /\.zip$/i.test(file.name);

  // Of a drop, folders too: each file with its path below what was dropped.
  async function filesOf(transfer) {
    const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
    if (!entries.length) return [...transfer.files].map(file => ({ file, path: file.name }));
    const found = [];
    const walk = async entry => {
      if (entry.isFile) found.push({ file: await new Promise((take, fail) => entry.file(take, fail)), path: entry.fullPath.replace(/^\//, '') });
      else {
        const reader = entry.createReader();
        for (let some; (some = await new Promise((take, fail) => reader.readEntries(take, fail))).length;) for (const each of some) await walk(each);
      }
    };
    for (const entry of entries) await walk(entry);
    return found;
  }

  function listen(zone, take) {
    const input = zone.querySelectorAll('input[type=file]');
    for (const each of input) each.addEventListener('change', () => {
      if (each.files.length) take([...each.files].map(file => ({ file, path: file.webkitRelativePath || file.name })));
      each.value = '';
    });
    zone.addEventListener('dragover', event => { event.preventDefault(); zone.classList.add('over'); });
    zone.addEventListener('dragleave', () => zone.classList.remove('over'));
    zone.addEventListener('drop', async event => {
      event.preventDefault();
      zone.classList.remove('over');
      take(await filesOf(event.dataTransfer));
    });
  }

  // The beginning, cut at its last line end: half a line would be a line that is wrong.
  async function head(file) {
    if (file.size <= previewBytes) return file;
    const bytes = new Uint8Array(await file.slice(0, previewBytes).arrayBuffer());
    const wide = bytes[0] === 0xff && bytes[1] === 0xfe;
    for (let at = bytes.length - 2; at > 0; at--) if (bytes[at] === 10 && (!wide || (at % 2 === 0 && bytes[at + 1] === 0))) return file.slice(0, at + (wide ? 2 : 1));
    return file.slice(0, previewBytes);
  }

  async function firstLine(file) {
    const bytes = new Uint8Array(await file.slice(0, 16 * 1024).arrayBuffer());
    const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
    const lines = new TextDecoder(encoding).decode(bytes).split(/\r\n|\r|\n/);
    return (lines.find(line => line.trim()) ?? '').slice(0, 4000);
  }

  // The names in a zip, by its directory at the end; nothing where that is not found.
  async function namesOf(file) {
    const tail = new DataView(await file.slice(Math.max(0, file.size - 65557)).arrayBuffer());
    let at = tail.byteLength - 22;
    while (at >= 0 && tail.getUint32(at, true) !== 0x06054b50) at--;
    if (at < 0) return [];
    const [size, from] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
    if (size > 64 * 1024 * 1024 || from + size > file.size) return [];
    const directory = new DataView(await file.slice(from, from + size).arrayBuffer());
    const names = [], text = new TextDecoder();
    for (let entry = 0; entry + 46 <= directory.byteLength && directory.getUint32(entry, true) === 0x02014b50;) {
      const length = directory.getUint16(entry + 28, true);
      names.push(text.decode(new Uint8Array(directory.buffer, entry + 46, length)));
      entry += 46 + length + directory.getUint16(entry + 30, true) + directory.getUint16(entry + 32, true);
    }
    return names.filter(name => !name.endsWith('/'));
  }

  // A request with its progress; what it answers as text, and of problems too.
  function send(path, body, type, told) {
    return new Promise(done => {
      const request = inFlight = new XMLHttpRequest();
      let last = 0;
      request.open('POST', path);
      if (type) request.setRequestHeader('Content-Type', type);
      request.upload.onprogress = event => {
        const now = performance.now();
        if (now - last < tellEvery && event.loaded < event.total) return;
        last = now;
        told(event.loaded);
      };
      request.onload = () => done({ status: request.status, text: request.responseText });
      request.onerror = request.onabort = () => done({ status: 0, text: '' });
      request.send(body);
    });
  }

  function take(answer, keep) {
    let body = null;
    try { body = JSON.parse(answer.text); } catch { body = null; }
    if (answer.status >= 200 && answer.status < 300 && body) return JSON.stringify({ status: answer.status, value: keep ? keep(body) : body });
    return JSON.stringify({ status: answer.status, title: body?.title ?? '', detail: body?.detail ?? '', errors: body?.errors ?? null });
  }

  const short = body => ({
    ...body, rejected: body.rejected.slice(0, mostTold), warnings: body.warnings?.map(warning => ({ ...warning, lines: warning.lines.slice(0, mostTold) })),
  });

  async function upload(path, from) {
    const chunks = pictures.zips.map(zip => [zip]);
    let chunk = null, bytes = 0;
    for (const each of pictures.files) {
      if (!chunk || chunk.length >= chunkFiles || bytes + each.file.size > chunkBytes) { chunks.push(chunk = []); bytes = 0; }
      chunk.push(each);
      bytes += each.file.size;
    }
    let sent = 0;
    const sizes = chunks.map(some => some.reduce((sum, each) => sum + each.file.size, 0));
    for (let number = 0; number < from; number++) sent += sizes[number];
    for (let number = from; number < chunks.length; number++) {
      const some = chunks[number];
      const zip = isZip(some[0].file);
      const form = zip ? some[0].file : new FormData();
      if (!zip) for (const { file, path: name } of some) form.append('files', file, pictures.strip && name.startsWith(pictures.strip) ? name.slice(pictures.strip.length) : name);
      const before = sent;
      const answer = await send(path, form, zip ? 'application/zip' : null, loaded => show('TellSentAsync', Math.min(before + loaded, before + sizes[number])));
      const told = take(answer, short);
      if (answer.status < 200 || answer.status >= 300) return told;
      sent += sizes[number];
      await tell('TellPicturesAsync', told, number + 1, sent);
    }
    return JSON.stringify({ status: 200 });
  }

  return {
    listenCorpus(zone) {
      listen(zone, async files => {
        corpus.file = files[0].file;
        await show('TakeCorpusAsync', corpus.file.name, corpus.file.size, await firstLine(corpus.file));
      });
    },
    listenPictures(zone) {
      listen(zone, async files => {
        for (const each of files) (isZip(each.file) ? pictures.zips : pictures.files).push(each);
        let bytes = 0;
        for (const { file } of [...pictures.files, ...pictures.zips]) bytes += file.size;
        await show('TakePicturesAsync', pictures.files.length, pictures.zips.length, bytes);
      });
    },
    clearPictures() { pictures.files = []; pictures.zips = []; },
    async preview(path, whole) {
      const response = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: whole ? corpus.file : await head(corpus.file) }).catch(() => null);
      return take(response ? { status: response.status, text: await response.text() } : { status: 0, text: '' }, short);
    },
    // Which of the paths are among what was chosen, as it is named or below a folder more or less.
    async findPaths(paths) {
      const names = pictures.files.map(each => each.path);
      for (const { file } of pictures.zips) names.push(...await namesOf(file));
      const known = new Set(names);
      const found = paths.filter(path => known.has(path)).length;
      let folder = '', strip = '';
      if (found === 0 && paths.length && names.length) {
        const base = path => path.slice(path.lastIndexOf('/') + 1);
        const byBase = new Map(names.map(name => [base(name), name]));
        for (const path of paths) {
          const name = byBase.get(base(path));
          if (!name) continue;
          if (path.endsWith('/' + name)) folder = path.slice(0, path.length - name.length - 1);
          else if (name.endsWith('/' + path) && !pictures.zips.length) strip = name.slice(0, name.length - path.length);
          else continue;
          break;
        }
      }
      pictures.strip = strip;
      const mended = folder ? paths.filter(path => path.startsWith(folder + '/') && known.has(path.slice(folder.length + 1))).length
        : strip ? paths.filter(path => known.has(strip + path)).length : found;
      return { found: mended, of: paths.length, folder, example: names[0] ?? '' };
    },
    // Chunk by chunk from where it stopped; each is told as it is done, and then the end.
    uploadPictures(path, from) {
      upload(path, from).catch(() => broken).then(answer => tell('TellEnd', answer));
    },
    importCorpus(path) {
      send(path, corpus.file, 'application/octet-stream', loaded => show('TellSentAsync', loaded)).then(answer => tell('TellEnd', take(answer, body => {
        report = [`accepted ${body.accepted}`, `duplicates ${body.duplicates}`, `below the least confidence ${body.belowMinConfidence}`, `rejected ${body.rejectedCount}`,
          ...body.warnings.map(warning => `warning: ${warning.detail}`), ...body.rejected.map(line => `line ${line.line}: ${line.reason}`)].join('\n') + '\n';
        return short(body);
      })));
    },
    saveReport(name) {
      save(name, 'text/plain', report);
    },
    close() {
      inFlight?.abort();
      dotnet = null;
    },
  };
}
