// The runbook must name only what exists: pages, files, flags, components, figures, messages.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { components, one, overlays, render, renderWith } from './render.mjs';
import { podSpec } from './restricted.mjs';
import { mib, quantity } from './quantity.mjs';

const deploy = new URL('../../deploy/', import.meta.url);
const { TEST_SERVER: server } = process.env;
const read = (path) => readFileSync(new URL(path, deploy), 'utf8');
const pages = [
  'README.md',
  ...readdirSync(new URL('runbook/', deploy)).map((it) => `runbook/${it}`),
];

test('links lead to files, and the index leads to every page', () => {
  const reached = new Set();
  for (const page of pages) {
    for (const [, target] of read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (target.startsWith('https:')) continue;
      const url = new URL(target, new URL(page, deploy));
      assert.ok(existsSync(url), `${page}: ${target}`);
      if (page === 'README.md') reached.add(url.href);
    }
  }
  for (const page of pages.slice(1)) assert.ok(reached.has(new URL(page, deploy).href), page);
});

test('what is named of this repository is there', () => {
  for (const page of pages) {
    for (const [path] of read(page).matchAll(/\b(deploy|docs|tests|client)\/[\w./-]*\w/g)) {
      assert.ok(existsSync(new URL(`../${path}`, deploy)), `${page}: ${path}`);
    }
  }
});

test('flags are flags of the server', { skip: !server && 'TEST_SERVER names no server' }, () => {
  const help = execFileSync(server, ['--help'], { encoding: 'utf8' });
  for (const page of pages) {
    // Commands of the server, and flags in the text. Those of other programs are with their names.
    for (const [text] of read(page).matchAll(/^ *owo-billing-server .*$|`--[^`]*`/gm)) {
      for (const [flag] of text.matchAll(/--[\w-]+/g)) {
        if (['--help', '--local-base'].includes(flag)) continue;
        assert.match(help, new RegExp(`^ *${flag}\\b`, 'm'), `${page}: ${flag}`);
      }
    }
  }
});

test('commands can be parsed by a shell', () => {
  for (const page of pages) {
    for (const [, language, block] of read(page).matchAll(/^ *```(\w*)\n([^]*?)^ *```$/gm)) {
      if (language || /^ *(ERROR|INFO|owo-billing-server): /.test(block)) continue;
      const { status, stderr } = spawnSync('bash', ['-n'], { encoding: 'utf8', input: block });
      assert.equal(status, 0, `${page}: ${stderr}\n${block}`);
    }
  }
});

test('figures of the capacity table are those of docs/performance.md', () => {
  const measured = read('../docs/performance.md');
  const rows = [...read('runbook/capacity.md').matchAll(/^\| (.+) \| (.+\d.*) \|$/gm)];
  assert.equal(rows.length, 9);
  for (const [, , figure] of rows) assert.ok(measured.includes(figure), figure);
});

test('the table of overlays says what they render', () => {
  const text = read('runbook/kubernetes.md');
  for (const overlay of overlays) {
    const cells = text
      .split('\n')
      .find((line) => line.startsWith(`| \`${overlay}\``))
      .split('|')
      .map((cell) => cell.trim());
    const { durable, workload } = render(`overlays/${overlay}`);
    const [container] = podSpec(one(workload, 'StatefulSet')).containers;
    const storage = one(durable, 'PersistentVolumeClaim').spec.resources.requests.storage;
    assert.equal(cells[2], `\`${one(durable, 'Namespace').metadata.name}\``);
    assert.ok(cells[3].startsWith(`\`${container.image}\``), cells[3]);
    assert.equal(cells[4], `${quantity(storage) / 2 ** 30} GiB`);
    assert.ok(container.args.includes(`--memory_mib=${cells[5]}`));
    const [number, unit] = cells[6].split(' ');
    assert.equal(mib(`${number}${unit.replace('B', '')}`), mib(container.resources.limits.memory));
  }
});

test('the table of components has them all', () => {
  const text = read('runbook/kubernetes.md');
  for (const name of components) assert.ok(text.includes(`\`${name}\``), name);
});

test('each alert of the cluster is on the page that it names', () => {
  const { workload } = renderWith('overlays/production', ['admin', 'monitoring']);
  for (const { alert, annotations } of one(workload, 'PrometheusRule').spec.groups[0].rules) {
    assert.ok(read(`../${annotations.runbook}`).includes(`\`${alert}\``), alert);
  }
});
