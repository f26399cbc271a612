import { createApp } from './lib/app.js';
import { readSettings, SettingsError } from './lib/settings.js';

try {
  createApp(readSettings(process.env['BULKQA_SETTINGS'] ?? 'settings.json')).app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exit(1);
}
