// Facts that deploy/Dockerfile repeats from ./dev, CMake and the manifests must be the same.

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
  const wanted = ['CMakeLists.txt', 'CMakePresets.json', ...[...directories].map((it) => it[1])];
  assert.deepEqual(kept.sort(), wanted.map((it) => `!${it}`).sort());
});

test('the image has what is installed: the server, and beside it the descriptors of the API', () => {
  const built = dockerfile.filter(({ name }) => name === 'RUN')[1].value;
  assert.match(built, /--target owo-billing-server .*cmake --install build\/release --strip --prefix \/install$/);
  const copies = dockerfile.filter(({ name }) => name === 'COPY').map(({ value }) => value);
  assert.deepEqual(copies, ['. .', '--from=build /install /usr/local']);
  assert.match(read('service/CMakeLists.txt'), /install\(TARGETS owo-billing-server\)/);
  assert.match(read('proto/CMakeLists.txt'), /install\(FILES \$\{OWO_DESCRIPTOR_SET\} DESTINATION share\/owo-billing\)/);
});

test('both stages start from one base, so that libraries are those linked against', () => {
  const stages = dockerfile.filter(({ name }) => name === 'FROM');
  assert.deepEqual(stages.map(({ value }) => value), ['${BASE} AS build', '${BASE}']);
  assert.equal(dockerfile[0].value, 'BASE=debian:bookworm-slim');
});

test('the server gets the signal itself, and docker asks for its health', () => {
  assert.deepEqual(JSON.parse(valueOf('ENTRYPOINT')), ['owo-billing-server']);
  assert.equal(valueOf('STOPSIGNAL'), 'SIGTERM');
  const command = JSON.parse(/CMD (\[.*\])$/.exec(valueOf('HEALTHCHECK'))[1]);
  const port = valueOf('EXPOSE');
  assert.deepEqual(command, ['owo-billing-server', 'health', `--endpoint=127.0.0.1:${port}`]);
});

for (const overlay of overlays) {
  test(`${overlay} runs the image as the user, with the flags and the port it is made for`, () => {
    const pod = podSpec(one(render(overlay), 'StatefulSet'));
    const [server] = pod.containers;
    const { runAsGroup, runAsUser } = pod.securityContext;
    assert.equal(valueOf('USER'), `${runAsUser}:${runAsGroup}`);
    assert.equal(valueOf('EXPOSE'), String(server.ports[0].containerPort));
    assert.equal(server.command, undefined);
    for (const flag of JSON.parse(valueOf('CMD'))) assert.ok(server.args.includes(flag), flag);
  });
}
