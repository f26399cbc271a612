import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The example settings, their functions' executable in `folder`. */
export function exampleSettings(folder: string): any {
  return { ...JSON.parse(readFileSync(new URL('../../settings.example.json', import.meta.url), 'utf8')), bootstrapFolder: folder };
}

/** As much of an executable for x64 as is looked at. */
export function writeBootstrap(folder: string): void {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header.writeUInt16LE(0x3e, 18);
  writeFileSync(join(folder, 'bootstrap'), header);
}
