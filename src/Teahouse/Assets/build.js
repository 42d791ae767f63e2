// Builds what the browser loads into wwwroot/assets: one style sheet (Tailwind), one bundle an entry (esbuild) and the
// icon sprite. `--watch` keeps building. Everything is static afterwards: the server needs no Node.
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import esbuild from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, '../wwwroot/assets');
const watch = process.argv.includes('--watch');
const require = createRequire(import.meta.url);

/** One bundle a kind of page; `theme` is apart because it must run before the first paint. */
const entries = {
  theme: path.join(here, 'js/site/theme.js'),
  site: path.join(here, 'js/site/site.js'),
  server: path.join(here, 'js/site/server.js'),
  conversation: path.join(here, 'js/conversation/page.js'),
  docs: path.join(here, 'js/docs/page.js'),
  rooms: path.join(here, 'js/rooms/page.js'),
};

async function buildIcons() {
  const names = (await readFile(path.join(here, 'icons/icons.txt'), 'utf8')).split(/\s+/).filter(Boolean);
  const folder = path.join(path.dirname(require.resolve('lucide-static/package.json')), 'icons');
  const symbols = await Promise.all(names.map(async name => {
    const svg = await readFile(path.join(folder, `${name}.svg`), 'utf8');
    const body = svg.replace(/<!--[^]*?-->/g, '').replace(/<svg[^>]*>|<\/svg>/g, '').replace(/\s+/g, ' ').trim();
    return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
  }));
  await writeFile(path.join(out, 'icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`);
}

function buildStyles() {
  const cli = path.join(path.dirname(require.resolve('@tailwindcss/cli/package.json')), 'dist/index.mjs');
  const args = [cli, '--input', path.join(here, 'css/app.css'), '--output', path.join(out, 'app.css'), '--minify'];
  const child = spawn(process.execPath, watch ? [...args, '--watch=always'] : args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', code => code === 0 ? resolve(undefined) : reject(new Error(`Tailwind ended with ${code}`)));
  });
}

/**
 * Keeps the first visit to a room light: fails the build when its files weigh more, compressed, than was promised.
 * @param {string} what @param {string[]} files @param {number} mostKb
 */
async function weigh(what, files, mostKb) {
  const sizes = await Promise.all(files.map(async file => gzipSync(await readFile(path.join(out, file)), { level: 9 }).length));
  const kb = sizes.reduce((sum, size) => sum + size, 0) / 1024;
  console.log(`A room's ${what}: ${kb.toFixed(1)} of ${mostKb} KB`);
  if (kb > mostKb) throw new Error(`A room's ${what} weigh more than ${mostKb} KB`);
}

/** @type {import('esbuild').BuildOptions} */
const scripts = {
  entryPoints: entries,
  outdir: out,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await buildIcons();
if (watch) {
  const context = await esbuild.context(scripts);
  await context.watch();
  await buildStyles();
} else {
  await Promise.all([esbuild.build(scripts), buildStyles()]);
  await weigh('scripts', ['theme.js', 'site.js', 'conversation.js'], 60);
  await weigh('styles', ['app.css'], 20);
}
