// Builds the administrators' editors and the map of a question of place into web/static/built, with a manifest that maps entry names to hashed files.
import * as esbuild from 'esbuild';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const out = new URL('../web/static/built/', import.meta.url).pathname;
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const result = await esbuild.build({
  entryPoints: ['src/modeler.js', 'src/rules.js', 'src/diagram.js', 'src/place.js'],
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  outdir: out,
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  metafile: true,
  legalComments: 'linked',
  loader: { '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'empty', '.svg': 'file', '.png': 'file' },
  jsx: 'automatic',
  jsxImportSource: '@bpmn-io/properties-panel/preact',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
});

const manifest = {};
for (const [file, output] of Object.entries(result.metafile.outputs)) {
  if (!output.entryPoint?.startsWith('src/')) continue;
  const entry = basename(output.entryPoint, '.js');
  manifest[`${entry}.js`] = basename(file);
  if (output.cssBundle) manifest[`${entry}.css`] = basename(output.cssBundle);
}
writeFileSync(`${out}manifest.json`, JSON.stringify(manifest, null, 2) + '\n');
