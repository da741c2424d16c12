// Facts that deploy/Dockerfile repeats from ./dev, CMake and the manifests must be the same. What
// is in the image: image_root.test.mjs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { one, overlays, render } from './render.mjs';
import { podSpec } from './restricted.mjs';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

// Parses the instructions of a Dockerfile: [{ name: 'FROM', value: 'debian AS build' }, ...].
function instructions(text) {
  return text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => /^(?<name>\w+)\s+(?<value>.*)$/.exec(line).groups);
}

const dockerfile = instructions(read('deploy/Dockerfile'));
const valueOf = (name) => dockerfile.findLast((instruction) => instruction.name === name)?.value;
const SERVER = '/usr/local/bin/owo-billing-server';
const sorted = (words) => words.trim().split(/\s+/).sort();

test('the build stage installs what the stage core of ./dev does', () => {
  const core = /\[core\]="([^"]+)"/.exec(read('dev'))[1];
  const { value } = dockerfile.find(({ name }) => name === 'RUN');
  const installed = /--no-install-recommends([^&]+)/.exec(value)[1];
  assert.deepEqual(sorted(installed), sorted(core));
});

test('the context is what CMake reads, so that nothing else gets into a layer', () => {
  const [all, ...kept] = read('.dockerignore').split('\n').filter((line) => /^[^#]/.test(line));
  assert.equal(all, '*');
  const directories = read('CMakeLists.txt').matchAll(/add_subdirectory\((?!tests)(\w+)/g);
  const wanted = ['CMakeLists.txt', 'CMakePresets.json', 'deploy/image-root',
    ...[...directories].map((it) => it[1])];
  assert.deepEqual(kept.sort(), wanted.map((it) => `!${it}`).sort());
});

test('the image has what is installed: the server, and beside it the descriptors of the API', () => {
  const runs = dockerfile.filter(({ name }) => name === 'RUN').map(({ value }) => value);
  assert.match(runs[1], /--target owo-billing-server .*cmake --install build\/release --strip --prefix \/install$/);
  assert.match(runs[2], /^deploy\/image-root \/install \/image "\$\{VERSION\}" .*chroot \/image \S+ --help$/);
  // A command in the image itself would leave files of the build in it.
  assert.equal(runs.length, 3);
  const copies = dockerfile.filter(({ name }) => name === 'COPY').map(({ value }) => value);
  assert.deepEqual(copies, ['. .', '--from=build /image /']);
  assert.match(read('service/CMakeLists.txt'), /install\(TARGETS owo-billing-server\)/);
  assert.match(read('proto/CMakeLists.txt'), /install\(FILES \$\{OWO_DESCRIPTOR_SET\} DESTINATION share\/owo-billing\)/);
});

test('the base is pinned by its digest and only builds: the image is made from nothing', () => {
  const stages = dockerfile.filter(({ name }) => name === 'FROM');
  assert.deepEqual(stages.map(({ value }) => value), ['${BASE} AS build', 'scratch']);
  assert.match(dockerfile[0].value, /^BASE=debian:bookworm-slim@sha256:[0-9a-f]{64}$/);
});

test('the image is labelled with the names of the OCI', () => {
  const labels = [...valueOf('LABEL').matchAll(/org\.opencontainers\.image\.(\w+)="([^"]+)"/g)];
  assert.deepEqual(labels.map(([, name]) => name), [
    'title', 'description', 'licenses', 'version', 'revision', 'created',
  ]);
  for (const [, name, value] of labels.slice(3)) assert.equal(value, `\${${name.toUpperCase()}}`);
});

test('the server gets the signal itself, and docker asks for its health', () => {
  assert.deepEqual(JSON.parse(valueOf('ENTRYPOINT')), [SERVER]);
  assert.equal(valueOf('STOPSIGNAL'), 'SIGTERM');
  const command = JSON.parse(/CMD (\[.*\])$/.exec(valueOf('HEALTHCHECK'))[1]);
  const port = valueOf('EXPOSE');
  assert.deepEqual(command, [SERVER, 'health', `--endpoint=127.0.0.1:${port}`]);
});

for (const overlay of overlays) {
  test(`${overlay} runs the image as the user, with the flags and the port it is made for`, () => {
    const pod = podSpec(one(render(`overlays/${overlay}`).workload, 'StatefulSet'));
    const [server] = pod.containers;
    const { runAsGroup, runAsUser } = pod.securityContext;
    assert.equal(valueOf('USER'), `${runAsUser}:${runAsGroup}`);
    assert.equal(valueOf('EXPOSE'), String(server.ports[0].containerPort));
    assert.equal(server.command, undefined);
    for (const flag of JSON.parse(valueOf('CMD'))) assert.ok(server.args.includes(flag), flag);
  });
}
